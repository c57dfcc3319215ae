import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createIpmiDriver, type IpmiDriver } from '../../src/drivers/bmc/ipmi/driver.ts'
import { removeToken } from '../../src/services/tokens.ts'
import { deleteHost, insertHost } from '../../src/store/hosts.ts'
import {
  type Front,
  instanceTicket,
  type Key,
  refusalOf,
  startFront,
  ticketFor,
  Watcher,
} from '../support/console.ts'
import { CloudVm, type Door, startDoor } from '../support/door.ts'
import { Gate } from '../support/gate.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'
import { Terminal } from '../support/terminal.ts'
import { waitUntil } from '../support/wait.ts'

/** The serial console of one machine: real WebSockets, real serial over LAN, and what the BMC and the machine say of it. */
/** The built program: `pretest:integration` builds it. */
const ferrule = `${process.execPath} ${fileURLToPath(new URL('../../bin/ferrule', import.meta.url))}`
const gate = new Gate()
let rig: Rig
let front: Front
let door: Door
let vm: CloudVm
let root: string
let second: string
let reader: string
const watchers: Watcher[] = []
const others: IpmiDriver[] = []
const terminals: Terminal[] = []

beforeAll(async () => {
  rig = await startRig({ racks: ['r2'], interference: gate, config: 'erase: { policy: quick }' })
  await furnish(rig)
  front = await startFront(rig)
  door = await startDoor(rig)
  root = await front.token('root', 'admin')
  second = await front.token('second', 'admin')
  reader = await front.token('looker', 'reader')
  expect(await rig.enlist('r2-h2', { clean: true })).toMatchObject({ state: 'succeeded' })
  vm = await deploy('i-2-3-VM')
})
afterEach(async () => {
  for (const watcher of watchers.splice(0)) watcher.leave()
  for (const terminal of terminals.splice(0)) terminal.kill()
  await Promise.all(others.splice(0).map((driver) => driver.close()))
  await rig.lab.faults.get('bmc/r2-h2')?.reset()
})
afterAll(async () => {
  await front?.close()
  await door?.close()
  await rig?.stop()
})

async function deploy(name: string): Promise<CloudVm> {
  const fresh = new CloudVm(door, name, [{ mac: rig.lab.routers.reserve(101, {}).mac, vlan: 101 }])
  // the last one's disks are being erased
  await waitUntil('a host is free', async () => (await fresh.exit('prepare')) === '0')
  expect(await fresh.exit('create')).toBe('0')
  return fresh
}

const machine = () => rig.lab.world.machine('r2-h2')
const bmc = () => {
  const found = rig.lab.bmcs.ipmi.get('r2-h2')
  if (!found) throw new Error('r2-h2 speaks no IPMI')
  return found
}
const withConsole = () =>
  bmc()
    .sessions()
    .filter((session) => session.console)
/** MAAS looks in at times, from a port of its own. */
const ours = () =>
  bmc()
    .sessions()
    .filter(({ from }) => from === withConsole()[0]?.from)
const dial = (dials: Record<string, unknown>) => rig.lab.faults.get('bmc/r2-h2')?.set(dials)

async function watch(key: Key = { token: root }, url = front.url): Promise<Watcher> {
  const watcher = await Watcher.open(url, 'r2-h2', key)
  watchers.push(watcher)
  await expect.poll(() => watcher.line, { timeout: 10_000 }).toBe('open')
  return watcher
}

function inTerminal(line: string, token: string): Terminal {
  const terminal = new Terminal(line, { FERRULE_URL: front.url, FERRULE_TOKEN: token })
  terminals.push(terminal)
  return terminal
}

/** What it has printed since now. */
function since(watcher: { screen: string }): () => string {
  const from = watcher.screen.length
  return () => watcher.screen.slice(from)
}

const shows = (screen: () => string) => expect.poll(screen, { timeout: 10_000 })

const refusal = (key: Key | null, host = 'r2-h2', url = front.url) => refusalOf(url, host, key)
const hostTicket = (token: string) => ticketFor(front.url, 'r2-h2', token)

describe('many viewers, one session', () => {
  test('all see a boot; who comes later sees what was printed before', async () => {
    const [one, two] = [await watch(), await watch({ token: reader })]
    machine().powerCycle()
    for (const { screen } of [one, two]) expect(screen).not.toContain('Training memory')
    // the boot that the deployment ended in may have printed its own login before
    for (const watcher of [one, two])
      await shows(() => watcher.screen).toMatch(/UEFI BIOS.*Training memory.*Linux version.*login: $/s)
    const three = await watch({ token: second })
    await shows(() => three.screen).toBe(one.screen)
    expect(ours()).toMatchObject([{ console: true }])
    const told = await fetch(`${front.url}/api/v1/hosts/r2-h2/console`, {
      headers: { authorization: `Bearer ${reader}` },
    })
    const nobody = { writing: false }
    expect(await told.json()).toEqual({
      line: 'open',
      viewers: ['root', 'looker', 'second'].map((name) => ({ name, ...nobody })),
    })
  })

  test('one types, until another takes it; who may only watch cannot', async () => {
    const [one, two, looker] = [await watch(), await watch({ token: second }), await watch({ token: reader })]
    const screen = since(one)
    one.type('root\r')
    await shows(screen).toMatch(/root\r\nPassword: $/)
    two.type('wrong\r')
    looker.take()
    looker.type('wrong\r')
    await expect.poll(() => two.state).toMatchObject({ writer: 'root', writing: false, mayWrite: true })
    await expect.poll(() => looker.state).toMatchObject({ writer: 'root', writing: false, mayWrite: false })
    two.take()
    two.type('lab\r')
    await shows(screen).toMatch(/Welcome to .*root@vm-\S+:~# $/s)
    expect(one.state).toMatchObject({ writer: 'second', writing: false, viewers: 3 })
    one.type('exit\r')
    two.type('whoami\r')
    await shows(screen).toMatch(/# whoami\r\nroot\r\nroot@vm-\S+:~# $/)
    expect(screen()).not.toMatch(/wrong|incorrect|logout/)
    expect(looker.screen.slice(-screen().length)).toBe(screen())
  })

  test('the line outlives a reboot of the host', async () => {
    const one = await watch()
    const before = withConsole()
    const screen = since(one)
    one.type('reboot\r')
    await shows(screen).toMatch(/Restarting system.*UEFI BIOS.*login: $/s)
    expect(one.states.every(({ line }) => ['connecting', 'open'].includes(line.state))).toBe(true)
    expect(ours()).toEqual(before)
  })

  test('a machine that is off takes no keys, and whoever types is told', async () => {
    const one = await watch()
    machine().powerOff()
    one.type('x')
    await expect
      .poll(() => one.state.line.reason, { timeout: 10_000 })
      .toContain('does not pass characters on')
    machine().powerOn()
    await shows(since(one)).toMatch(/login: $/)
    expect(one.state.line).toEqual({ state: 'open' })
  })
})

describe('a line that goes', () => {
  test('with a restart of the BMC: tried again by itself, and open again', async () => {
    const [one, looker] = [await watch(), await watch({ token: reader })]
    bmc().controller.restart()
    for (const watcher of [one, looker])
      await expect.poll(() => watcher.line, { timeout: 10_000 }).toBe('retrying')
    await expect.poll(() => looker.line, { timeout: 15_000 }).toBe('open')
    const screen = since(looker)
    one.type('\r')
    await shows(screen).toMatch(/login: $/)
    expect(withConsole()).toHaveLength(1)
    const figures = await fetch(`${front.url}/api/v1/metrics`, {
      headers: { authorization: `Bearer ${reader}` },
    })
    expect(await figures.text()).toMatch(/ferrule_consoles\{line="open"\} 1\n.*ferrule_console_viewers 2\n/s)
  })

  test.each([false, true])(
    'taken by another tool (silently: %s): a person takes it back',
    async (silently) => {
      await dial({ solSilentTakeover: silently })
      const [one, looker] = [await watch(), await watch({ token: reader })]
      const tool = createIpmiDriver({ consoleKeepAliveMs: 500 })
      others.push(tool)
      const { address, port, username, password } = machine().bmc
      const access = tool.open({ address: `${address}:${port}`, username, password }).console
      const theirs = await access?.openConsole({ takeOver: true })
      await expect.poll(() => one.line, { timeout: 10_000 }).toBe('taken')
      const [owner] = withConsole()
      looker.take()
      looker.type('x')
      // longer than the first pause between tries
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      expect([one.line, looker.line, withConsole()]).toEqual(['taken', 'taken', [owner]])
      one.take()
      await expect.poll(() => looker.line, { timeout: 10_000 }).toBe('open')
      expect(await theirs?.ended).toMatchObject({ reason: 'taken' })
      const screen = since(looker)
      one.type('\r')
      await shows(screen).toMatch(/login: $/)
    },
  )
})

describe('who is let in', () => {
  test('nobody without a key that is known; each refusal is a problem', async () => {
    const spent = await hostTicket(root)
    await watch(spent)
    for (const key of [null, { token: 'frl_wrong' }, { ticket: 'wrong' }, spent]) {
      const refused = await refusal(key)
      const problem = { code: 'unauthenticated', remedy: expect.stringMatching(/./) }
      expect(refused).toMatchObject({ status: 401, type: 'application/problem+json', problem })
    }
    for (const host of ['r9-h9', '%ff'])
      expect(await refusal({ token: root }, host)).toMatchObject({
        status: 404,
        problem: { code: 'not-found' },
      })
    const astray = await Watcher.open(front.url, 'r2-h1', await hostTicket(root))
    // a browser is shown no answer to a handshake: what its ticket does not open is told on the open WebSocket
    const reason = expect.stringContaining('another host')
    await expect.poll(() => astray.closed).toMatchObject({ code: 4403, reason })
  })

  test('a ticket is worth as much as the token it was asked with, for 60 seconds', async () => {
    const [mine, theirs, late] = [await hostTicket(root), await hostTicket(reader), await hostTicket(root)]
    expect([mine.mayWrite, theirs.mayWrite]).toEqual([true, false])
    expect((await watch(mine)).state.mayWrite).toBe(true)
    expect((await watch(theirs)).state.mayWrite).toBe(false)
    await rig.core.pool.query(`update console_ticket set expires_at = expires_at - interval '60 seconds'`)
    expect(await refusal(late)).toMatchObject({ status: 401, problem: { code: 'unauthenticated' } })
  })

  test('whose token is withdrawn is put out', async () => {
    const guest = await watch({ token: await front.token('guest', 'admin') })
    await removeToken(rig.core.services, 'guest')
    await expect
      .poll(() => guest.closed, { timeout: 5_000 })
      .toEqual({ code: 1000, reason: 'the token was withdrawn' })
  })

  test('a host without a console says so; with its removal whoever watches leaves', async () => {
    const { seal, tools } = rig.core.services
    const id = crypto.randomUUID()
    const nobody = {
      address: null,
      username: '',
      passwordSealed: seal('bmc', id, ''),
      fingerprint: null,
      sshFingerprint: null,
      system: null,
      kgSealed: null,
    }
    await insertHost(tools.db, {
      ...{ id, name: 'by-hand', bootMac: '52:54:00:00:00:99', architecture: 'amd64', tags: [] },
      ...{ cpuCount: 1, cpuSpeedMhz: 1000, memoryMib: 1024, bmc: { ...nobody, protocol: 'manual' } },
    })
    const watcher = await Watcher.open(front.url, 'by-hand', { token: root })
    await expect.poll(() => watcher.line).toBe('failed')
    expect(watcher.state.line).toMatchObject({ remedy: expect.stringContaining('IPMI') })
    await deleteHost(tools.db, id)
    await expect
      .poll(() => watcher.closed, { timeout: 5_000 })
      .toEqual({ code: 1000, reason: 'the host was removed' })
  })

  test('another replica says where the console is, and leaves the BMC alone', async () => {
    await watch()
    const { services } = rig.core
    const elsewhere = { ...services, tools: { ...services.tools, executor: 'another' } }
    const other = await startFront(rig, elsewhere)
    const before = ours()
    expect(await refusal({ token: root }, 'r2-h2', other.url)).toMatchObject({
      status: 409,
      problem: { code: 'console-busy', remedy: 'Open it there: https://here.example.' },
    })
    expect(ours()).toEqual(before)
    await other.close()
  })
})

describe("a cloud user's instance", () => {
  test('types while it runs, and only watches while Ferrule installs it', async () => {
    const user = await watch(await instanceTicket(vm))
    user.type('\r')
    await shows(since(user)).toMatch(/login: $/)
    const held = gate.hold('reinstall', 'boot-disk')
    expect(await vm.exit('reinstall')).toBe('0')
    await expect.poll(() => user.state, { timeout: 5_000 }).toMatchObject({ mayWrite: false, writer: null })
    await held.reached
    const late = await watch(await instanceTicket(vm))
    expect(late.state.mayWrite).toBe(false)
    for (const watcher of [user, late]) {
      watcher.take()
      watcher.type('x')
    }
    await expect.poll(() => late.state).toMatchObject({ mayWrite: false, writer: null })
    held.release()
    await expect.poll(() => vm.exit('status'), { timeout: 20_000 }).toBe('PowerOn')
    await expect.poll(() => late.state.mayWrite, { timeout: 5_000 }).toBe(true)
    await shows(() => user.screen).toMatch(/login: $/)
  })

  test('with its end its user is put out, and the next one reads nothing of it', async () => {
    const operator = await watch()
    const user = await watch(await instanceTicket(vm))
    const unused = await instanceTicket(vm)
    user.type('secret of the first')
    await shows(() => operator.screen).toMatch(/login: secret of the first$/)
    expect(await vm.exit('delete')).toBe('0')
    await expect
      .poll(() => user.closed, { timeout: 5_000 })
      .toEqual({ code: 1000, reason: 'the server does not carry this instance any more' })
    const late = await Watcher.open(front.url, 'r2-h2', unused)
    await expect.poll(() => late.closed?.code).toBe(4403)
    expect(operator.closed).toBeNull()
    vm = await deploy('i-2-4-VM')
    const next = await watch(await instanceTicket(vm))
    const colleague = await watch({ token: second })
    await shows(() => operator.screen).toMatch(/UEFI BIOS.*login: $/s)
    // the boot may have been over before anybody looked whose the host is now; what was printed then is nobody's
    next.type('\r')
    await shows(() => next.screen).toMatch(/login: $/)
    expect(operator.screen).toContain('secret of the first')
    for (const { screen } of [next, colleague]) expect(screen).not.toContain('secret of the first')
  })
})

describe('ferrule console', () => {
  test('in a terminal: every key to the machine but the escapes; the terminal is left as it was', async () => {
    const line = `stty -g; ${ferrule} console r2-h2; echo "status $?"; stty -g`
    const terminal = inTerminal(line, root)
    await shows(() => terminal.screen).toContain('[ferrule: connected; nobody types yet]')
    const screen = since(terminal)
    terminal.type('\rnobody\x03')
    await shows(screen).toMatch(/login: nobody\^C\r\n\S+ login: $/)
    expect(screen()).toContain('[ferrule: connected; you type]')
    terminal.type('\r~?')
    await shows(screen).toMatch(/~\. {2}end this console\r\n.*each after Enter\)\r\n/s)
    const other = await watch({ token: second })
    other.take()
    await shows(screen).toMatch(/\[ferrule: connected; second types \(~t: type here\); 1 more watch\]\r\n/)
    await shows(screen).toMatch(/after Enter\).* login: /s)
    terminal.type('x')
    await expect.poll(() => screen().endsWith('\x07')).toBe(true)
    terminal.type('\r~t')
    await shows(screen).toMatch(/connected; you type; 1 more watch\]\r\n$/)
    terminal.type('~.')
    expect(await terminal.ended).toBe(0)
    expect(screen()).toMatch(/\[ferrule: ended\]\r\nstatus 0\r\n\S+\r\n$/)
    const modes = terminal.screen.match(/^[\da-f]+(:[\da-f]+){10,}\r$/gm)
    expect(modes).toHaveLength(2)
    expect(modes?.[1]).toBe(modes?.[0])
    expect(other.screen).not.toMatch(/[x~]$/)
  })

  test('refused: says why and what to do, and its exit status tells', async () => {
    const wrong = inTerminal(`${ferrule} console r9-h9`, root)
    expect(await wrong.ended).toBe(2)
    expect(wrong.screen).toContain('r9-h9')
    const looking = inTerminal(`${ferrule} console r2-h2 --timeout 1s`, reader)
    expect(await looking.ended).toBe(0)
    expect(looking.screen).toContain('[ferrule: connected; you only watch]')
  })
})

test('a shutdown tells every viewer, waits for none that is gone, and leaves no session', async () => {
  const [one, gone] = [await watch(), await watch({ token: reader })]
  const terminal = inTerminal(`${ferrule} console r2-h2`, root)
  await shows(() => terminal.screen).toContain('connected')
  gone.freeze()
  const from = Date.now()
  await front.close()
  expect(Date.now() - from).toBeLessThan(4_000)
  await expect.poll(() => one.closed).toEqual({ code: 1001, reason: 'Ferrule is shutting down' })
  expect(await terminal.ended).toBe(3)
  expect(terminal.screen).toContain('Ferrule is shutting down')
  expect(withConsole()).toEqual([])
  const { rows } = await rig.core.pool.query('select * from console_lease')
  expect(rows).toEqual([])
  // the driver keeps a session for the next command for a moment
  await expect.poll(() => bmc().sessions(), { timeout: 5_000 }).toEqual([])
})
