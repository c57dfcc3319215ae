import { describe, expect, test } from 'vitest'
import { Bmc, type BmcOptions } from './bmc.ts'
import { COMPLETION, decodeResponse, encodeRequest } from './message.ts'
import { decodePacket, encodePlain, encodeRmcpPlus, PAYLOAD } from './packet.ts'
import { encodeOpenRequest, encodeRakp, encodeRakp1 } from './rakp.ts'
import { SUITES } from './suites.ts'
import { StubConsole } from './test-support/stub-console.ts'
import { stubMachine } from './test-support/stub-machine.ts'

const CHASSIS = 0x00
const APP = 0x06

function loggedIn(options: BmcOptions = {}) {
  const machine = stubMachine()
  const bmc = new Bmc(machine, options)
  const console = new StubConsole(bmc)
  console.logIn(machine.bmc)
  return { machine, bmc, console }
}

/** Answer to a command outside of a session. */
function sessionless(bmc: Bmc, command: number, data: number[]) {
  const request = encodeRequest({ netFn: APP, command, sequence: 5, data: Buffer.from(data) })
  const reply = bmc.handle(encodePlain(request), 'x')
  const packet = reply === null ? null : decodePacket(reply.bytes)
  return packet?.kind === 'plain' ? decodeResponse(packet.payload) : null
}

describe('outside of a session', () => {
  test('answers an ASF presence ping with IPMI among its entities', () => {
    const ping = Buffer.from('0600ff06000011be80420000', 'hex')
    const pong = new Bmc(stubMachine()).handle(ping, 'x')?.bytes.toString('hex')
    expect(pong).toBe('0600ff06000011be40420010000011be000000008100000000000000')
  })

  test('tells IPMI 2.0 apart only when asked for the extended data', () => {
    const bmc = new Bmc(stubMachine())
    expect(sessionless(bmc, 0x38, [0x8e, 4])?.data.toString('hex')).toBe('0180040200000000')
    expect(sessionless(bmc, 0x38, [0x0e, 4])?.data.toString('hex')).toBe('0100040000000000')
    expect(sessionless(bmc, 0x38, [0x83, 4])?.completion).toBe(COMPLETION.invalidField)
  })

  test('says whether a BMC key is set', () => {
    const bmc = new Bmc(stubMachine(), { bmcKey: Buffer.from('k') })
    expect(sessionless(bmc, 0x38, [0x8e, 4])?.data[2]).toBe(0x24)
  })

  test('lists the allowed cipher suites, sixteen bytes at a time', () => {
    const bmc = new Bmc(stubMachine())
    expect(sessionless(bmc, 0x54, [0x0e, 0, 0x80])?.data.toString('hex')).toBe('01c003014181c011034481')
    expect(sessionless(bmc, 0x54, [0x0e, 0, 0x81])?.data.toString('hex')).toBe('01')
    expect(sessionless(bmc, 0x54, [0x0e, 0, 0x00])?.data.toString('hex')).toBe('010103414481')
    bmc.dials.suites = [17]
    expect(sessionless(bmc, 0x54, [0x0e, 0, 0x80])?.data.toString('hex')).toBe('01c011034481')
  })

  test('gives the system GUID, last byte first, but not the device id', () => {
    const bmc = new Bmc(stubMachine())
    const guid = sessionless(bmc, 0x37, [])?.data
    expect(
      Buffer.from(guid ?? [])
        .reverse()
        .toString('hex'),
    ).toBe('4c4c4544004235108054b7c04f4d3132')
    expect(sessionless(bmc, 0x01, [])?.completion).toBe(COMPLETION.insufficientPrivilege)
  })
})

describe('opening a session', () => {
  test('repeats its answers to retransmitted messages, in one session', () => {
    const machine = stubMachine()
    const bmc = new Bmc(machine)
    for (const suite of [3, 17] as const) {
      const console = new StubConsole(bmc, `host:${suite}`)
      console.logIn(machine.bmc, suite, 3)
      expect(console.completion(APP, 0x01)).toBe(COMPLETION.ok)
    }
    expect(bmc.sessions.size).toBe(2)
  })

  test('repeats them also under a new message tag, which FreeIPMI gives each repetition', () => {
    const machine = stubMachine()
    const console = new StubConsole(new Bmc(machine))
    const ask = (tag: number) =>
      console.step(PAYLOAD.openRequest, encodeOpenRequest(tag, 4, 99, SUITES[17]))?.rest.readUInt32LE(0) ?? 0
    const bmcId = ask(1)
    expect(ask(2)).toBe(bmcId)
    const random = Buffer.alloc(16, 7)
    const rakp1 = (tag: number) => {
      const message = { tag, bmcId, random, role: 0x14, username: Buffer.from(machine.bmc.username) }
      return console.step(PAYLOAD.rakp1, encodeRakp1(message))
    }
    const first = rakp1(3)
    expect(rakp1(4)).toEqual({ ...first, tag: 4 })
    expect(first).toMatchObject({ tag: 3, status: 0 })
  })

  test('refuses algorithms by kind, and suites that are none', () => {
    const console = new StubConsole(new Bmc(stubMachine()))
    const open = (change: Partial<(typeof SUITES)[3]>) =>
      console.step(PAYLOAD.openRequest, encodeOpenRequest(0, 4, 99, { ...SUITES[3], ...change }))?.status
    expect(open({ authentication: 2 })).toBe(0x04)
    expect(open({ integrity: 2 })).toBe(0x05)
    expect(open({ confidentiality: 0 })).toBe(0x10)
    expect(open({ integrity: 4 })).toBe(0x11)
    expect(open({})).toBe(0x00)
  })

  test('refuses a level above the user’s, a strange name and an unknown session', () => {
    const machine = stubMachine()
    const rakp1 = (username: string, role: number) => {
      const bmc = new Bmc(machine, { privilegeLimit: 3 })
      const console = new StubConsole(bmc)
      const opened = console.step(PAYLOAD.openRequest, encodeOpenRequest(0, 4, 99, SUITES[3]))
      expect(bmc.sessions.size).toBe(1)
      const bmcId = opened?.rest.readUInt32LE(0) ?? 0
      const random = Buffer.alloc(16)
      const message = encodeRakp1({ tag: 0, bmcId, random, role, username: Buffer.from(username) })
      const status = console.step(PAYLOAD.rakp1, message)?.status
      return { status, sessions: bmc.sessions.size }
    }
    expect(rakp1('maas', 4)).toEqual({ status: 0x0a, sessions: 0 })
    expect(rakp1('maas', 9)).toEqual({ status: 0x09, sessions: 0 })
    expect(rakp1('Maas', 3)).toEqual({ status: 0x0d, sessions: 0 })
    expect(rakp1('maas', 3)).toEqual({ status: 0x00, sessions: 1 })
    const rakp3 = encodeRakp(0, 0, 4711, Buffer.alloc(20))
    expect(new StubConsole(new Bmc(machine)).step(PAYLOAD.rakp3, rakp3)?.status).toBe(0x02)
  })

  test('a wrong RAKP 3 is refused and ends the session', () => {
    const machine = stubMachine()
    const bmc = new Bmc(machine)
    const console = new StubConsole(bmc)
    expect(() => console.logIn({ username: 'maas', password: 'wrong' })).toThrow('payload 20 failed')
    expect(bmc.sessions.size).toBe(0)
  })

  test('half-open sessions give their slots back after five seconds', () => {
    let now = 0
    const bmc = new Bmc(stubMachine(), { now: () => now })
    const open = (id: number) =>
      new StubConsole(bmc, `host:${id}`).step(PAYLOAD.openRequest, encodeOpenRequest(0, 4, id, SUITES[17]))
        ?.status
    expect([1, 2, 3, 4, 5].map(open)).toEqual([0, 0, 0, 0, 1])
    now = 5_001
    expect(open(6)).toBe(0)
  })
})

describe('in a session', () => {
  test('starts as USER: power is for OPERATOR', () => {
    const { machine, console } = loggedIn()
    expect(console.completion(CHASSIS, 0x01)).toBe(COMPLETION.ok)
    expect(console.completion(CHASSIS, 0x02, [1])).toBe(COMPLETION.insufficientPrivilege)
    console.administrator()
    expect(console.completion(CHASSIS, 0x02, [1])).toBe(COMPLETION.ok)
    expect(machine.acts).toEqual(['on', 'boot as set up'])
  })

  test('never answers a packet twice, nor one that is far off the sequence', () => {
    const { console } = loggedIn()
    expect(console.command(APP, 0x01, [], 3)).not.toBeNull()
    expect(console.command(APP, 0x01, [], 3)).toBeNull()
    expect(console.command(APP, 0x01, [], 2)).not.toBeNull()
    expect(console.command(APP, 0x01, [], 0)).toBeNull()
    expect(console.command(APP, 0x01, [], 20)).toBeNull()
    expect(console.command(APP, 0x01, [], 19)).not.toBeNull()
    expect(console.command(APP, 0x01, [], 3)).toBeNull()
  })

  test('heeds no packet that is unsigned, unencrypted or altered', () => {
    const { machine, bmc, console } = loggedIn()
    console.administrator()
    const powerOn = encodeRequest({ netFn: CHASSIS, command: 2, sequence: 1, data: Buffer.from([1]) })
    const bare = { payloadType: PAYLOAD.ipmi, encrypted: false, sessionId: console.bmcId, sequence: 5 }
    expect(bmc.handle(encodeRmcpPlus({ ...bare, payload: powerOn }), console.from)).toBeNull()
    const sealed = console.seal(powerOn)
    for (const offset of [10, 20, sealed.length - 1]) {
      const altered = Buffer.from(sealed)
      altered[offset] = (altered[offset] ?? 0) ^ 1
      expect(bmc.handle(altered, console.from)).toBeNull()
    }
    expect(machine.acts).toEqual([])
    expect(bmc.handle(sealed, console.from)).not.toBeNull()
    expect(machine.acts).toEqual(['on', 'boot as set up'])
  })

  test('refuses cycle and reset of a machine that is off, unknown commands and short data', () => {
    const { machine, console } = loggedIn()
    console.administrator()
    expect(console.completion(CHASSIS, 0x02, [2])).toBe(COMPLETION.notInPresentState)
    expect(console.completion(CHASSIS, 0x02, [3])).toBe(COMPLETION.notInPresentState)
    expect(console.completion(CHASSIS, 0x02, [4])).toBe(COMPLETION.invalidField)
    expect(console.completion(CHASSIS, 0x02)).toBe(COMPLETION.lengthInvalid)
    expect(console.completion(CHASSIS, 0x7f)).toBe(COMPLETION.invalidCommand)
    expect(console.completion(0x2e, 0x01)).toBe(COMPLETION.invalidCommand)
    expect(machine.acts).toEqual([])
    expect(console.completion(CHASSIS, 0x02, [5])).toBe(COMPLETION.ok)
  })

  test('closes its own session, and another’s only as administrator', () => {
    const { bmc, machine, console } = loggedIn()
    const other = new StubConsole(bmc, 'other:1')
    other.logIn(machine.bmc)
    const id = (of: StubConsole) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(of.bmcId)
      return [...bytes]
    }
    expect(console.completion(APP, 0x3c, [1, 2, 3, 4])).toBe(COMPLETION.invalidSessionId)
    expect(console.completion(APP, 0x3c, id(other))).toBe(COMPLETION.insufficientPrivilege)
    expect(console.completion(APP, 0x3c, id(console))).toBe(COMPLETION.ok)
    expect(console.command(APP, 0x01)).toBeNull()
    other.administrator()
    expect(bmc.sessions.size).toBe(1)
  })
})
