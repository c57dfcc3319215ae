import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endOperation } from '../../src/store/operations.ts'
import { sagas } from '../../src/workflows/catalogue.ts'
import { type ApiFixture, startApi } from '../support/api-fixture.ts'

/** The built program, as a user runs it: the npm script builds it before. */
const program = fileURLToPath(new URL('../../bin/ferrule', import.meta.url))

let fixture: ApiFixture
let url: string
let folder: string

beforeAll(async () => {
  fixture = await startApi()
  await fixture.pool.query(
    "insert into replica (executor, refs, beat) values ('test', $1, now() + interval '1 day')",
    [sagas.map((saga) => saga.ref)],
  )
  url = await fixture.api.listen({ host: '127.0.0.1', port: 0 })
  folder = mkdtempSync(join(tmpdir(), 'ferrule-cli-'))
})

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await fixture?.stop()
})

interface Run {
  code: number | null
  out: string
  err: string
}

function ferrule(
  args: string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, FERRULE_URL: url, FERRULE_TOKEN: fixture.tokens.admin, ...options.env },
    timeout: 20_000,
  })
  const run: Run = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    run.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    run.err += String(chunk)
  })
  child.stdin.end(options.input ?? '')
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...run, code })))
}

const addHost = (name: string, number: number) => [
  ...['host', 'add', name, '--bmc', `10.0.0.${number}`, '--bmc-user', 'admin', '--mac'],
  ...[`52:54:00:00:00:${String(number)}`, '--cpus', '8', '--memory', '32G', '--tag', 'gold', '--tag', 'ssd'],
]
const password = { FERRULE_BMC_PASSWORD: 'hunter2secret' }

test('who has read enough and closes the pipe gets no fault of ours', async () => {
  const env = { PATH: process.env.PATH, FERRULE_URL: url, FERRULE_TOKEN: fixture.tokens.admin }
  const child = spawn(process.execPath, [program, 'status'], { cwd: folder, env })
  child.stdout.destroy()
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += String(chunk)
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect([err, code]).toEqual(['', 141])
})

describe('the records', () => {
  test('a rack file is applied, listed and shown; a faulty one is refused with its lines', async () => {
    const file = join(folder, 'rack.json')
    const rack = (type: string) =>
      `{"racks":[{"l2Switch":{"ip":"10.1.0.1","username":"u","password":"p","type":"${type}"},\n"hosts":[{"mac":"52:54:00:00:00:21","port":"1/1"}]}]}`
    writeFileSync(file, rack('Cisco'))
    const refused = await ferrule(['rack', 'apply', file])
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('line 1, racks[0].l2Switch.type: unknown switch type "Cisco"')
    const checked = await ferrule(['rack', 'check', file, '--name', 'r1'])
    expect(checked.code).toBe(2)
    expect(checked.err).toContain('line 1, racks[0].l2Switch.type: unknown switch type "Cisco"')
    writeFileSync(file, rack('Force10'))
    const would = await ferrule(['rack', 'check', file, '--name', 'r1'])
    expect([would.code, would.err]).toEqual([0, 'nothing is wrong with it; switches: 1, cables: 1\n'])
    expect(would.out).toMatch(/52:54:00:00:00:21 +- +10\.1\.0\.1 1\/1/)
    expect((await ferrule(['rack', 'list'])).out).not.toMatch(/^r1 /m)
    const applied = await ferrule(['rack', 'apply', file, '--name', 'r1', '--output', 'json'])
    expect(JSON.parse(applied.out)).toMatchObject({ name: 'r1', switches: [{ address: '10.1.0.1' }] })
    writeFileSync(file, rack('Force10').replace('1/1', '1/2'))
    const moves = await ferrule(['rack', 'check', file, '--name', 'r1', '--output', 'json'])
    expect(JSON.parse(moves.out)).toEqual([
      {
        mac: '52:54:00:00:00:21',
        before: { switch: '10.1.0.1', port: '1/1' },
        after: { switch: '10.1.0.1', port: '1/2' },
      },
    ])
    expect((await ferrule(['rack', 'list'])).out).toMatch(/^NAME +SWITCHES +PORTS +APPLIED\nr1 +1 +1 /)
    expect((await ferrule(['rack', 'show', 'r1'])).out).toContain('1/1  52:54:00:00:00:21')
  })

  test('networks and offerings come and go', async () => {
    expect((await ferrule(['network', 'create', 'blue', '--vlan', '120'])).code).toBe(0)
    expect((await ferrule(['network', 'list', '-o', 'json'])).out).toContain('"vlan": 120')
    const made = await ferrule([
      'offering',
      'create',
      'small',
      '--cpus',
      '8',
      '--memory',
      '32G',
      '--disk-layout',
      'lvm, root_size=1.5T',
      '-o',
      'json',
    ])
    expect(JSON.parse(made.out)).toMatchObject({
      name: 'small',
      memoryMib: 32768,
      diskLayout: 'lvm,root_size=1500G',
    })
    expect((await ferrule(['offering', 'list'])).out).toMatch(/small {2}8 {5}32G .*lvm,root_size=1500G/)
    const unknown = await ferrule([
      'offering',
      'create',
      'x',
      '--cpus',
      '8',
      '--memory',
      '32G',
      '--disk-layout',
      'zfs',
    ])
    expect(unknown.code).not.toBe(0)
    expect(unknown.err).toContain('disk layout "zfs" is unknown')
    for (const args of [
      ['network', 'remove', 'blue'],
      ['offering', 'remove', 'small'],
    ])
      expect((await ferrule(args)).code).toBe(0)
    expect(await ferrule(['network', 'list', '-o', 'json'])).toEqual({ code: 0, out: '[]\n', err: '' })
  })
})

describe('operations', () => {
  test('--no-wait says where to look and exits at once', async () => {
    const begun = await ferrule([...addHost('one', 21), '--no-wait'], { env: password })
    expect(begun).toMatchObject({ code: 0, err: '' })
    expect(begun.out).toMatch(/^enlist \d+ has begun; follow it with: ferrule operation watch \d+\n$/)
    expect((await ferrule(['host', 'show', 'one'])).out).toMatch(/^state +enlisting$/m)
    expect((await ferrule(['status'])).out).toMatch(/enlist \d+ queued/)
  })

  test('the list says what each is about, and knows only those of a name', async () => {
    await ferrule([...addHost('listed', 61), '--no-wait'], { env: password })
    const { out } = await ferrule(['operation', 'list', '--of', 'LIST'])
    expect(out).toMatch(/^NUMBER +KIND +HOST +INSTANCE +STATE/)
    expect(out.trimEnd().split('\n').slice(1)).toEqual([
      expect.stringMatching(/^\d+ +enlist +listed +- +queued/),
    ])
    expect(await ferrule(['operation', 'list', '--of', 'nobody'])).toMatchObject({ out: '', err: 'none\n' })
  })

  test('waiting follows to the end; one JSON document, and the exit status tells the result', async () => {
    const { db } = fixture.services.tools
    for (const [state, code] of [
      ['succeeded', 0],
      ['undone', 1],
    ] as const) {
      const number = code === 0 ? 22 : 23
      const waiting = ferrule([...addHost(`host-${number}`, number), '--output', 'json'], { env: password })
      const operation = await newest(number)
      const error = {
        code: 'bmc-auth' as const,
        message: 'the BMC refuses the password',
        remedy: 'Correct it.',
      }
      await endOperation(db, operation, state, code === 0 ? null : error)
      const ended = await waiting
      expect(ended.code).toBe(code)
      expect(JSON.parse(ended.out)).toMatchObject({
        name: `host-${number}`,
        operation: { id: operation, state, steps: [] },
      })
      expect(ended.err.includes('the BMC refuses the password')).toBe(code === 1)
      expect(ended.out + ended.err).not.toContain('\u001b')
    }
  })

  test('--timeout ends the waiting, not the operation', async () => {
    const timed = await ferrule(['operation', 'watch', '1', '--timeout', '300ms'])
    expect(timed.code).toBe(4)
    expect(timed.err).toContain('enlist 1 is still running')
  })

  test('a parked operation exits with its own status and says what to do', async () => {
    const error = {
      code: 'switch-unreachable',
      message: 'switch 10.1.0.1 does not answer',
      remedy: 'Look at it.',
    }
    const parked = {
      step: 'ports',
      direction: 'do',
      attempts: 4,
      error,
      skip: null,
      since: 0,
      nextRetryAt: 0,
    }
    await fixture.pool.query("update operation set state = 'parked', parked = $1 where number = 1", [
      JSON.stringify(parked),
    ])
    const watched = await ferrule(['operation', 'watch', '1'])
    expect(watched.code).toBe(5)
    expect(watched.err).toContain('do:    Look at it.')
    expect((await ferrule(['why', 'operation', '1'])).out).toContain('switch 10.1.0.1 does not answer')
  })

  async function newest(number: number): Promise<string> {
    for (;;) {
      const { rows } = await fixture.pool.query<{ id: string }>(
        'select operation.id from operation join host on host.id = operation.host_id where host.name = $1',
        [`host-${number}`],
      )
      if (rows[0]) return rows[0].id
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
})

describe('what goes wrong', () => {
  test('refused input: what, where and what to do, and exit status 2', async () => {
    const missing = await ferrule(['instance', 'start', 'nowhere'])
    expect(missing).toMatchObject({ code: 2, out: '' })
    expect(missing.err).toBe(
      'error: there is no instance nowhere (not-found)\nwhere: /api/v1/instances/nowhere/start\ndo:    List them with "ferrule instance list".\n',
    )
    const json = await ferrule(['instance', 'start', 'nowhere', '--output=json'])
    expect(JSON.parse(json.out)).toMatchObject({ error: { code: 'not-found', status: 404 } })
    expect((await ferrule(['instance', 'fly', 'i'])).code).toBe(2)
    expect((await ferrule(['host', 'add', 'x'])).code).toBe(2)
    expect((await ferrule(addHost('x', 30))).err).toContain('there is no BMC password')
    expect((await ferrule(['host', 'list'], { env: { FERRULE_TOKEN: 'frl_wrong' } })).code).toBe(2)
  })

  test('no controller: exit status 3', async () => {
    const lost = await ferrule(['host', 'list', '--url', 'http://127.0.0.1:9'])
    expect(lost.code).toBe(3)
    expect(lost.err).toContain('where: http://127.0.0.1:9')
  })

  test('config check names each fault by path, without a controller', async () => {
    const file = join(folder, 'ferrule.yaml')
    writeFileSync(file, 'listen:\n  port: nonsense\n')
    const checked = await ferrule(['config', 'check', file], { env: { FERRULE_URL: 'http://127.0.0.1:9' } })
    expect(checked.code).toBe(2)
    expect(checked.err).toContain('listen.port')
  })
})

describe('tokens and completion', () => {
  test('a token is printed bare, works from a file, and its role is kept', async () => {
    const made = await ferrule(['token', 'create', 'watcher'])
    const file = join(folder, 'token')
    writeFileSync(file, made.out)
    const reader = (args: string[]) => ferrule([...args, '--token-file', file])
    expect((await reader(['host', 'list'])).code).toBe(0)
    expect((await reader(['network', 'create', 'x', '--vlan', '5'])).err).toContain('(forbidden)')
  })

  test('the shell completes sub-commands', async () => {
    const script = await ferrule(['completion', 'bash'])
    const bash = spawn('bash', [
      '-c',
      `${script.out}\nCOMP_WORDS=(ferrule instance de); COMP_CWORD=2; _ferrule; echo "\${COMPREPLY[@]}"`,
    ])
    let out = ''
    bash.stdout.on('data', (chunk) => {
      out += String(chunk)
    })
    await new Promise((resolve) => bash.on('close', resolve))
    expect(out.trim().split(' ').sort()).toEqual(['deploy', 'destroy', 'detach'])
  })
})
