import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Built code: a daemon of its own, so that it can be stopped and started again. */
const program = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url))

export interface DaemonProcess {
  url: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the interface answers
  call(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<any>
  /** As a supervisor would: SIGTERM, and its exit status. */
  stop(): Promise<number | null>
}

export async function startDaemonProcess(config: string): Promise<DaemonProcess> {
  const child: ChildProcess = fork(program, ['--config', config], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let log = ''
  child.stderr?.on('data', (text) => {
    log += String(text)
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const ready = new Promise<{ url: string; tokenFile: string }>((resolve) =>
    child.once('message', (message: { url: string; tokenFile: string }) => resolve(message)),
  )
  const told = await Promise.race([ready, ended.then(() => null)])
  if (told === null) throw new Error(`the daemon did not start: ${log}`)
  const token = readFileSync(told.tokenFile, 'utf8').trim()
  return {
    url: told.url,
    async call(method, path, body) {
      const answer = await fetch(`${told.url}/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return answer.json()
    },
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
