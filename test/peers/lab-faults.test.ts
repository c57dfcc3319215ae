import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManagementController } from '../../lab/bmc/controller.ts'
import type { BmcDials } from '../../lab/bmc/dials.ts'
import { type RunningBmc, startBmc } from '../../lab/bmc/server.ts'
import { type StubMachine, stubMachine } from '../../lab/bmc/test-support/stub-machine.ts'
import { type RunningRedfish, startRedfish } from '../../lab/redfish/server.ts'
import { curl, pin } from './support/curl.ts'
import { freeipmi, ipmitool, type Login, type Outcome } from './support/ipmi-tools.ts'

/** Every dial of the lab's BMCs, as programs that we did not write feel it. */

let machine: StubMachine
let controller: ManagementController
let bmc: RunningBmc
let redfish: RunningRedfish
let login: Login

beforeEach(async () => {
  machine = stubMachine({ address: '127.0.7.51', port: 0 })
  controller = new ManagementController(machine)
  bmc = await startBmc(machine, { controller })
  redfish = await startRedfish(controller, { port: 0, ipmiPort: bmc.port, sshPort: null })
  login = { ...machine.bmc, port: bmc.port }
})
afterEach(async () => {
  await redfish.close()
  await bmc.close()
})

function turn(dials: Partial<BmcDials>): void {
  Object.assign(bmc.dials, dials)
}

async function tool(...command: string[]): Promise<string> {
  const { exit, stdout, stderr } = await ipmitool(login, 17, ...command)
  if (exit !== 0) throw new Error(`exit ${exit}: ${stdout}${stderr}`)
  return stdout.trim()
}

/** Without the patience that makes up for a fault. */
function impatient(...command: string[]): Promise<Outcome> {
  return ipmitool(login, 17, '-N', '1', '-R', '1', '-v', ...command)
}

async function ipmipower(...options: string[]): Promise<string> {
  const { stdout } = await freeipmi('ipmipower', login, 17, ...options)
  return stdout.trim().replace(/^.*: /, '')
}

async function timed(work: Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work
  return performance.now() - before
}

describe('the line', () => {
  test('unreachable: nobody answers in any protocol', async () => {
    turn({ unreachable: true })
    expect((await impatient('power', 'status')).stderr).toContain('Unable to establish')
    expect((await curl(redfish, '/')).status).toBe(0)
  })

  test('duplicates are no other answers', async () => {
    turn({ duplicate: 1 })
    expect(await tool('power', 'status')).toBe('Chassis Power is off')
    await tool('power', 'on')
    await tool('power', 'cycle')
    expect(machine.acts.filter((act) => !act.startsWith('boot'))).toEqual(['on', 'cycle'])
  })

  // FreeIPMI gives up at a duplicate, so it is not asked to bear any.
  test('loss and reordering are made up for by a patient program', async () => {
    turn({ loss: 0.15, reorder: 0.2 })
    for (const action of ['--on', '--stat', '--reset', '--off']) {
      expect(await ipmipower(action)).toBe(action === '--stat' ? 'on' : 'ok')
    }
    expect(machine.acts.filter((act) => !act.startsWith('boot')).at(-1)).toBe('off')
  })

  test('a lost reply: what was asked has been done', async () => {
    turn({ dropPowerReplies: 1 })
    expect(await ipmipower('--on')).toBe('ok')
    expect(machine.power()).toBe('on')
    turn({ dropNextReplies: 2 })
    expect(await ipmipower('--stat')).toBe('on')
    expect(bmc.dials.dropNextReplies).toBe(0)
  })

  test('delay takes its time at every packet', async () => {
    turn({ delayMs: 120 })
    // Capabilities, suites, open, RAKP twice, privilege, status, close.
    expect(await timed(tool('power', 'status'))).toBeGreaterThan(700)
  })

  test('a wrong check value is no answer: the program asks again', async () => {
    turn({ wrongIcv: 1 })
    expect(await ipmipower('--stat')).toBe('off')
    expect(bmc.dials.wrongIcv).toBe(0)
    turn({ wrongIcv: 1_000 })
    expect((await impatient('power', 'status')).exit).not.toBe(0)
  })
})

describe('sessions and logins', () => {
  test('none is left', async () => {
    turn({ sessionsTaken: 4 })
    expect(await ipmipower('--stat')).toContain('BMC busy')
    turn({ sessionsTaken: 3 })
    expect(await ipmipower('--stat')).toBe('off')
    redfish.dials.sessionsTaken = 8
    const body = { UserName: login.username, Password: login.password }
    expect((await curl(redfish, '/SessionService/Sessions', { body })).status).toBe(503)
  })

  test('another password than everybody believes, in both protocols', async () => {
    turn({ rejectPassword: true })
    expect((await impatient('power', 'status')).stderr).toContain('RAKP 2 HMAC is invalid')
    expect((await curl(redfish, '/Systems', { login: `${login.username}:${login.password}` })).status).toBe(
      401,
    )
  })

  test.each([
    [[17] as const, 3 as const, 17 as const],
    [[3] as const, 17 as const, 3 as const],
  ])('cipher suites %j only', async (suites, refused, allowed) => {
    turn({ suites })
    expect((await ipmitool(login, refused, '-N', '1', '-R', '1', 'power', 'status')).exit).not.toBe(0)
    expect((await ipmitool(login, allowed, 'power', 'status')).stdout).toContain('off')
    turn({ suiteRefusal: 0x01 })
    const { stderr } = await ipmitool(login, refused, '-N', '1', '-R', '1', '-v', 'power', 'status')
    expect(stderr).toContain('insufficient resources')
  })

  test('a restart: silent for a while, then back, without the sessions', async () => {
    turn({ restartMs: 4_000 })
    const { headers } = await curl(redfish, '/SessionService/Sessions', {
      body: { UserName: login.username, Password: login.password },
    })
    const token = /x-auth-token: (\S+)/i.exec(headers)?.[1] ?? ''
    const withToken = { options: ['-H', `X-Auth-Token: ${token}`] }
    expect((await curl(redfish, '/Systems', withToken)).status).toBe(200)
    controller.restart()
    expect((await impatient('power', 'status')).exit).not.toBe(0)
    expect((await curl(redfish, '/Systems', withToken)).status).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    expect(await tool('power', 'status')).toContain('off')
    expect((await curl(redfish, '/Systems', withToken)).status).toBe(401)
  })
})

describe('what is ordered', () => {
  test('stuck power is accepted, and nothing happens', async () => {
    turn({ stuckPower: true })
    expect(await tool('power', 'on')).toContain('Up/On')
    expect(await tool('power', 'status')).toContain('off')
  })

  test('slow power is the old state for a while', async () => {
    turn({ powerDelayMs: 1_500 })
    await tool('power', 'on')
    expect(await tool('power', 'status')).toContain('off')
    const { json } = await curl(redfish, '/Systems/1', { login: `${login.username}:${login.password}` })
    expect(json.PowerState).toBe('PoweringOn')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(await tool('power', 'status')).toContain('on')
  })

  test('lying boot flags are accepted and forgotten', async () => {
    turn({ lyingBootFlags: true })
    await tool('chassis', 'bootdev', 'pxe')
    expect(await tool('chassis', 'bootparam', 'get', '5')).toContain('Boot Flag Invalid')
    const boot = { Boot: { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' } }
    const as = `${login.username}:${login.password}`
    expect(
      (await curl(redfish, '/Systems/1', { login: as, options: ['-X', 'PATCH'], body: boot })).status,
    ).toBe(200)
    const { json } = await curl(redfish, '/Systems/1', { login: as })
    expect(json.Boot).toMatchObject({ BootSourceOverrideEnabled: 'Disabled' })
  })
})

describe('Redfish alone', () => {
  const ask = (path: string, options: string[] = [], body?: object) =>
    curl(redfish, path, { login: `${login.username}:${login.password}`, options, ...(body ? { body } : {}) })
  const reset = (type: string) => ask('/Systems/1/Actions/ComputerSystem.Reset', [], { ResetType: type })

  test('errors, and busy with a time to come again: nothing is done', async () => {
    redfish.dials.errorNext = 1
    expect((await reset('On')).status).toBe(500)
    Object.assign(redfish.dials, { busyNext: 1, retryAfterS: 3 })
    const busy = await reset('On')
    expect(busy.status).toBe(503)
    expect(busy.headers).toMatch(/retry-after: 3/i)
    expect(machine.power()).toBe('off')
    // curl heeds the time by itself.
    redfish.dials.busyNext = 1
    redfish.dials.retryAfterS = 1
    const retried = await ask('/Systems/1', ['--retry', '1'])
    expect(retried.status).toBe(200)
    expect(redfish.dials.busyNext).toBe(0)
  })

  test('slow answers, and connections that are cut after the work is done', async () => {
    redfish.dials.delayMs = 700
    expect(await timed(ask('/Systems/1'))).toBeGreaterThan(700)
    Object.assign(redfish.dials, { delayMs: 0, cutNext: 1 })
    const cut = await reset('On')
    expect([cut.status, cut.exit]).toEqual([0, 52])
    expect(machine.power()).toBe('on')
  })

  test('a changed certificate: whoever pinned the first one goes no further', async () => {
    const pinned = ['--pinnedpubkey', pin(redfish)]
    expect((await ask('/Systems', pinned)).status).toBe(200)
    redfish.dials.otherCertificate = true
    const refused = await ask('/Systems', pinned)
    expect([refused.status, refused.exit]).toEqual([0, 90])
    expect((await ask('/Systems')).status).toBe(200)
    redfish.dials.otherCertificate = false
    expect((await ask('/Systems', pinned)).status).toBe(200)
  })

  test('a forgotten session, and a board without sessions', async () => {
    const body = { UserName: login.username, Password: login.password }
    const { headers } = await curl(redfish, '/SessionService/Sessions', { body })
    const token = ['-H', `X-Auth-Token: ${/x-auth-token: (\S+)/i.exec(headers)?.[1]}`]
    expect((await curl(redfish, '/Systems', { options: token })).status).toBe(200)
    redfish.dials.forgetNext = 1
    expect((await curl(redfish, '/Systems', { options: token })).status).toBe(401)
    expect((await curl(redfish, '/Systems', { options: token })).status).toBe(401)
    redfish.dials.basicOnly = true
    expect((await ask('/')).json.SessionService).toBeUndefined()
    expect((await ask('/SessionService')).status).toBe(404)
    expect((await ask('/Systems')).status).toBe(200)
  })

  test('tasks: done after a while, or never', async () => {
    Object.assign(redfish.dials, { asyncActions: true, taskMs: 600 })
    const { status, headers } = await reset('On')
    expect(status).toBe(202)
    const monitor = /location: \/redfish\/v1(\S+)/i.exec(headers)?.[1] ?? ''
    expect((await ask(monitor)).status).toBe(202)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect((await ask(monitor)).status).toBe(204)
    redfish.dials.tasksHang = true
    const hung = /location: \/redfish\/v1(\S+)/i.exec((await reset('ForceOff')).headers)?.[1] ?? ''
    await new Promise((resolve) => setTimeout(resolve, 800))
    expect((await ask(hung)).json.TaskState).toBe('Running')
  })

  test('If-Match is demanded', async () => {
    redfish.dials.needsIfMatch = true
    expect((await ask('/Systems/1', ['-X', 'PATCH'], { AssetTag: 'A' })).status).toBe(428)
    const etag = /etag: (\S+)/i.exec((await ask('/Systems/1')).headers)?.[1] ?? ''
    const match = ['-X', 'PATCH', '-H', `If-Match: ${etag}`]
    expect((await ask('/Systems/1', match, { AssetTag: 'A' })).status).toBe(200)
    expect((await ask('/Systems/1', match, { AssetTag: 'B' })).status).toBe(412)
  })
})
