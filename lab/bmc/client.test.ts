import { afterEach, describe, expect, test } from 'vitest'
import type { BmcOptions } from './bmc.ts'
import { type IpmiClient, ipmi } from './client.ts'
import { IpmiError } from './client-error.ts'
import { ClientSession, type IpmiTarget } from './client-session.ts'
import { type RunningBmc, startBmc } from './server.ts'
import { type StubMachine, stubMachine } from './test-support/stub-machine.ts'

interface Bench {
  machine: StubMachine
  bmc: RunningBmc
  target: IpmiTarget
  client: IpmiClient
}

const running: RunningBmc[] = []

async function bench(options: BmcOptions = {}, target: Partial<IpmiTarget> = {}): Promise<Bench> {
  const machine = stubMachine()
  const bmc = await startBmc(machine, options)
  running.push(bmc)
  const { address, port } = bmc
  const { username, password } = machine.bmc
  const full: IpmiTarget = { address, port, username, password, ...target }
  return { machine, bmc, target: full, client: ipmi(full) }
}

afterEach(async () => {
  for (const bmc of running.splice(0)) await bmc.close()
})

async function failure(promise: Promise<unknown>): Promise<{ kind: string; code: number | null }> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof IpmiError) return { kind: error.kind, code: error.code }
  throw new Error(`expected an IpmiError, got ${String(error)}`)
}

describe.each([3, 17] as const)('cipher suite %i', (suite) => {
  test('reads and switches the power', async () => {
    const { machine, client } = await bench({}, { suite })
    expect(await client.power()).toBe('off')
    await client.cycle()
    expect(await client.power()).toBe('on')
    await client.cycle()
    await client.soft()
    expect(machine.power()).toBe('off')
    await client.off()
    expect(machine.acts).toEqual(['on', 'boot as set up', 'cycle', 'boot as set up', 'soft off', 'off'])
  })

  test('power on as MAAS does it boots from the network once, and restarts a machine that is on', async () => {
    const { machine, client } = await bench({}, { suite })
    await client.on()
    await client.on()
    const pxe = 'boot flags valid network'
    expect(machine.acts).toEqual([pxe, 'on', 'boot network', pxe, 'cycle', 'boot network'])
    expect(machine.bootFlags.valid).toBe(false)
  })

  test('tells a wrong password from a dead BMC', async () => {
    const wrong = await bench({}, { suite, password: 'battery staple' })
    expect(await failure(wrong.client.power())).toEqual({ kind: 'auth', code: null })
    const { bmc, client } = await bench({}, { suite })
    bmc.dials.rejectPassword = true
    expect(await failure(client.power())).toEqual({ kind: 'auth', code: null })
  })
})

test('an unknown user is refused with the status for it', async () => {
  const { client } = await bench({}, { username: 'root' })
  expect(await failure(client.power())).toEqual({ kind: 'auth', code: 0x0d })
})

test('a user below OPERATOR is refused, not let in with less', async () => {
  const { client } = await bench({ privilegeLimit: 2 })
  expect(await failure(client.off())).toEqual({ kind: 'auth', code: 0x0a })
})

test('the firmware type of the boot flags survives a PXE order', async () => {
  const { machine, client } = await bench()
  machine.bootFlags = { valid: true, persistent: true, efi: true, device: 'disk' }
  await client.pxeOnce()
  expect(machine.bootFlags).toEqual({ valid: true, persistent: false, efi: true, device: 'network' })
})

describe('sessions', () => {
  test('the fifth is refused until one of the four closes', async () => {
    const { target, client } = await bench()
    const sessions = []
    for (let n = 0; n < 4; n += 1) sessions.push(await ClientSession.open(target))
    expect(await failure(client.power())).toEqual({ kind: 'busy', code: 0x01 })
    await sessions[0]?.close()
    expect(await client.power()).toBe('off')
    for (const session of sessions.slice(1)) await session.close()
  })

  test('failed logins leave no session behind', async () => {
    const { target, client } = await bench()
    const stranger = ipmi({ ...target, password: 'battery staple' })
    for (let n = 0; n < 6; n += 1) expect(await failure(stranger.power())).toMatchObject({ kind: 'auth' })
    expect(await client.power()).toBe('off')
  })

  test('one that was silent too long is gone without a word', async () => {
    let now = 0
    const { target, client } = await bench({ now: () => now })
    const session = await ClientSession.open(target)
    now += 59_000
    expect(await session.command(0, 0x01, Buffer.alloc(0))).toHaveLength(3)
    now += 61_000
    expect(await failure(session.command(0, 0x01, Buffer.alloc(0), 1))).toMatchObject({ kind: 'unreachable' })
    await session.close()
    expect(await client.power()).toBe('off')
  })
})

describe('fault dials', () => {
  test('unreachable: the client gives up after four sends, nothing is done', async () => {
    const { machine, bmc, client } = await bench()
    bmc.dials.unreachable = true
    const started = Date.now()
    await expect(client.off()).rejects.toThrow('BMC unreachable')
    expect(Date.now() - started).toBeGreaterThan(1_900)
    expect(machine.acts).toEqual([])
    bmc.dials.unreachable = false
    expect(await client.power()).toBe('off')
  })

  test('three lost replies in a row are made up for', async () => {
    const { bmc, client } = await bench()
    bmc.dials.dropNextReplies = 3
    expect(await client.power()).toBe('off')
    expect(bmc.dials.dropNextReplies).toBe(0)
  })

  test('a lost reply to a power cycle: the client sends again, and the machine is cycled twice', async () => {
    const { machine, bmc, client } = await bench()
    machine.powerOn()
    machine.acts.length = 0
    bmc.dials.dropPowerReplies = 1
    await client.cycle()
    expect(machine.acts.filter((act) => act === 'cycle')).toHaveLength(2)
  })

  test('a delay below the retransmission time only takes time', async () => {
    const { bmc, client } = await bench()
    bmc.dials.delayMs = 50
    const started = Date.now()
    expect(await client.power()).toBe('off')
    expect(Date.now() - started).toBeGreaterThan(300)
  })

  test('stuck power: accepted, nothing happens', async () => {
    const { machine, bmc, client } = await bench()
    bmc.dials.stuckPower = true
    await client.cycle()
    expect(machine.power()).toBe('off')
    bmc.dials.stuckPower = false
    machine.powerOn()
    bmc.dials.stuckPower = true
    await client.off()
    expect(machine.power()).toBe('on')
  })

  test('lying boot flags: accepted and forgotten', async () => {
    const { machine, bmc, client } = await bench()
    bmc.dials.lyingBootFlags = true
    await client.pxeOnce()
    expect(machine.bootFlags).toEqual({ valid: false, persistent: false, efi: false, device: 'none' })
  })

  test('a suite that is not allowed is refused with the board’s status', async () => {
    const { bmc, target } = await bench()
    bmc.dials.suites = [17]
    expect(await failure(ipmi({ ...target, suite: 3 }).power())).toEqual({ kind: 'suite', code: 0x11 })
    expect(await ipmi({ ...target, suite: 17 }).power()).toBe('off')
    bmc.dials.suites = [3]
    bmc.dials.suiteRefusal = 0x01
    expect(await failure(ipmi({ ...target, suite: 17 }).power())).toEqual({ kind: 'busy', code: 0x01 })
  })
})
