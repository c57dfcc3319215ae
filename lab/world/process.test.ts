import { expect, test } from 'vitest'
import { run } from './process.ts'

const options = { cwd: '/', env: { PATH: process.env.PATH ?? '' }, timeoutMs: 10_000 }
const sh = (script: string, more: { signal?: AbortSignal; timeoutMs?: number } = {}) =>
  run('sh', ['-c', script], { ...options, signal: new AbortController().signal, ...more })

test('what a script says and how it ends', async () => {
  expect(await sh('echo out; echo err >&2; exit 3')).toEqual({ exit: 3, stdout: 'out\n', stderr: 'err\n' })
  expect(await sh('sleep 20', { timeoutMs: 50 })).toMatchObject({ exit: 124 })
  await expect(
    run('no-such-program', [], { ...options, signal: new AbortController().signal }),
  ).rejects.toThrow('no-such-program was not run')
})

test('what is aborted ends with its whole group, and with the reason', async () => {
  const abort = new AbortController()
  const begun = Date.now()
  const ran = sh('sleep 20 & sleep 20', { signal: abort.signal })
  setTimeout(() => abort.abort(new Error('the power went')), 100)
  await expect(ran).rejects.toThrow('the power went')
  expect(Date.now() - begun).toBeLessThan(10_000)
})

test('a script that kills what started it: that script fails, those after it run', async () => {
  await expect(sh('kill -9 $PPID; sleep 1')).rejects.toThrow(
    'the process that runs scripts has ended (SIGKILL)',
  )
  expect(await sh('echo again')).toMatchObject({ exit: 0, stdout: 'again\n' })
})
