import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Bmc, type BmcOptions } from './bmc.ts'
import type { SolPacket } from './sol-packet.ts'
import { StubConsole } from './test-support/stub-console.ts'
import { type StubMachine, stubMachine } from './test-support/stub-machine.ts'

const APP = 0x06
const TRANSPORT = 0x0c
const ACTIVATE = 0x48
const DEACTIVATE = 0x49
const ENCRYPTED = [1, 1, 0xc0, 0, 0, 0]
const CLEAR = [1, 1, 0x40, 0, 0, 0]

let machine: StubMachine
let bmc: Bmc
let console: StubConsole
/** Packets that came by themselves, with whom they were for. */
let sent: { bytes: Buffer; to: string }[]

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  start()
})
afterEach(() => {
  bmc.stop()
  vi.useRealTimers()
})

function start(options: BmcOptions = {}): void {
  machine = stubMachine({ port: 623 })
  bmc = new Bmc(machine, { ...options, send: (bytes, to) => sent.push({ bytes, to }) })
  console = logIn('console:1')
}

function logIn(from: string): StubConsole {
  const one = new StubConsole(bmc, from)
  one.logIn(machine.bmc)
  one.administrator()
  return one
}

function received(by: StubConsole = console): SolPacket[] {
  return sent.splice(0).map(({ bytes, to }) => {
    expect(to).toBe(by.from)
    return by.openSol(bytes)
  })
}

function text(packets: SolPacket[]): string[] {
  return packets.map(({ sequence, characters }) => `${sequence} ${characters}`)
}

/** What a console types reaches the machine's end of the line. */
function typed(): string[] {
  const keys: string[] = []
  machine.serialPort.readBy({ type: (bytes) => keys.push(bytes.toString()), break: () => keys.push('break') })
  return keys
}

describe('activation', () => {
  test('tells the sizes; a second one is refused, of this session and of another', () => {
    const answer = console.data(APP, ACTIVATE, ENCRYPTED)
    expect(answer.readUInt16LE(4)).toBe(68)
    expect(answer.readUInt16LE(6)).toBe(204)
    expect(answer.readUInt16LE(8)).toBe(machine.bmc.port)
    expect(console.completion(APP, ACTIVATE, ENCRYPTED)).toBe(0x80)
    const other = logIn('console:2')
    expect(other.completion(APP, ACTIVATE, ENCRYPTED)).toBe(0x80)
    expect(other.data(APP, 0x4a, [1]).toString('hex')).toBe('010100')
    expect(other.data(APP, 0x4b, [1, 1]).readUInt32LE(0)).toBe(console.bmcId)
    expect(console.completion(APP, DEACTIVATE, ENCRYPTED)).toBe(0)
    expect(console.completion(APP, DEACTIVATE, ENCRYPTED)).toBe(0x80)
    expect(other.completion(APP, ACTIVATE, ENCRYPTED)).toBe(0)
  })

  test('another session may end it, of which the console hears; unless the board says nothing', () => {
    console.data(APP, ACTIVATE, ENCRYPTED)
    const other = logIn('console:2')
    other.data(APP, DEACTIVATE, ENCRYPTED)
    expect(received()).toMatchObject([{ sequence: 0, flags: 0x10 }])
    other.data(APP, ACTIVATE, ENCRYPTED)
    bmc.dials.solSilentTakeover = true
    console.data(APP, DEACTIVATE, ENCRYPTED)
    expect(sent).toEqual([])
  })

  test('ends with its session: by Close Session, and by silence', () => {
    let now = 0
    start({ now: () => now })
    console.data(APP, ACTIVATE, ENCRYPTED)
    const id = Buffer.alloc(4)
    id.writeUInt32LE(console.bmcId)
    console.data(APP, 0x3c, [...id])
    const second = logIn('console:2')
    second.data(APP, ACTIVATE, ENCRYPTED)
    now += 61_000
    machine.serialPort.print('nobody is here')
    vi.advanceTimersByTime(1_000)
    expect(sent).toEqual([])
    expect(logIn('console:3').completion(APP, ACTIVATE, ENCRYPTED)).toBe(0)
  })

  test('heeds its configuration: switched off, for whom, and with encryption only', () => {
    expect(console.completion(APP, ACTIVATE, CLEAR)).toBe(0x84)
    console.data(TRANSPORT, 0x21, [1, 2, 0x44])
    expect(console.completion(APP, ACTIVATE, CLEAR)).toBe(0)
    machine.powerOn()
    const keys = typed()
    expect(console.sol({ sequence: 1, characters: Buffer.from('a') }, false)?.acknowledged).toBe(1)
    expect(keys).toEqual(['a'])
    console.data(APP, DEACTIVATE, CLEAR)
    expect(console.completion(APP, 0x3b, [3])).toBe(0)
    expect(console.completion(APP, ACTIVATE, CLEAR)).toBe(0xd4)
    expect(console.completion(TRANSPORT, 0x21, [1, 1, 0])).toBe(0xd4)
    console.administrator()
    console.data(TRANSPORT, 0x21, [1, 1, 0])
    expect(console.completion(APP, ACTIVATE, ENCRYPTED)).toBe(0x81)
    console.data(TRANSPORT, 0x21, [1, 1, 1])
    console.data(APP, 0x4c, [1, 0x42, 2, 0, 0, 0])
    expect(console.data(APP, 0x4d, [1, 2])[0]).toBe(0)
    expect(console.completion(APP, ACTIVATE, ENCRYPTED)).toBe(0x81)
    expect(console.completion(APP, ACTIVATE, [1, 2, 0xc0, 0, 0, 0])).toBe(0xcc)
  })

  test('its parameters can be read and set; what is not there or read-only is refused', () => {
    expect(console.data(TRANSPORT, 0x22, [1, 3, 0, 0]).toString('hex')).toBe('110c60')
    expect(console.data(TRANSPORT, 0x22, [0x81, 3, 0, 0]).toString('hex')).toBe('11')
    console.data(TRANSPORT, 0x21, [1, 4, 3, 10])
    expect(console.data(TRANSPORT, 0x22, [1, 4, 0, 0]).toString('hex')).toBe('11030a')
    expect(console.completion(TRANSPORT, 0x21, [1, 8, 0, 2])).toBe(0x82)
    expect(console.completion(TRANSPORT, 0x21, [1, 9, 0, 2])).toBe(0x80)
    expect(console.completion(TRANSPORT, 0x21, [1, 4, 1])).toBe(0xc7)
    expect(console.completion(TRANSPORT, 0x22, [1, 200, 0, 0])).toBe(0x80)
  })
})

describe('characters of the machine', () => {
  beforeEach(() => {
    console.data(APP, ACTIVATE, ENCRYPTED)
  })

  test('are gathered for a moment, sent in order, one packet at a time', () => {
    machine.serialPort.write('ab')
    machine.serialPort.write('c')
    expect(sent).toEqual([])
    vi.advanceTimersByTime(60)
    expect(text(received())).toEqual(['1 abc'])
    machine.serialPort.write('x'.repeat(300))
    expect(sent).toEqual([])
    console.sol({ acknowledged: 1, accepted: 3 })
    expect(text(received())).toEqual([`2 ${'x'.repeat(200)}`])
    console.sol({ acknowledged: 2, accepted: 200 })
    expect(text(received())).toEqual([`3 ${'x'.repeat(100)}`])
    console.sol({ acknowledged: 3, accepted: 100 })
    vi.advanceTimersByTime(10_000)
    expect(sent).toEqual([])
  })

  test('come again until they are acknowledged, as often as configured; then the next have their turn', () => {
    console.data(TRANSPORT, 0x21, [1, 4, 2, 50])
    machine.serialPort.write('lost')
    vi.advanceTimersByTime(60 + 499)
    expect(text(received())).toEqual(['1 lost'])
    machine.serialPort.write('next')
    vi.advanceTimersByTime(2 + 500)
    expect(text(received())).toEqual(['1 lost', '1 lost'])
    vi.advanceTimersByTime(500)
    expect(text(received())).toEqual(['2 next'])
    // An acknowledgement that comes too late means nothing.
    console.sol({ acknowledged: 1, accepted: 4 })
    expect(sent).toEqual([])
  })

  test('taken in part come again from there; refused ones after a pause', () => {
    machine.serialPort.write('abcdef')
    vi.advanceTimersByTime(60)
    received()
    console.sol({ acknowledged: 1, accepted: 4 })
    expect(text(received())).toEqual(['2 ef'])
    console.sol({ acknowledged: 2, accepted: 0, flags: 0x40 })
    vi.advanceTimersByTime(400)
    expect(sent).toEqual([])
    vi.advanceTimersByTime(100)
    expect(text(received())).toEqual(['3 ef'])
  })

  test('sequence numbers go round from 15 to 1', () => {
    const seen = Array.from({ length: 17 }, () => {
      machine.serialPort.write('.')
      vi.advanceTimersByTime(60)
      const [packet] = received()
      console.sol({ acknowledged: packet?.sequence ?? 0, accepted: 1 })
      return packet?.sequence
    })
    expect(seen.slice(13)).toEqual([14, 15, 1, 2])
  })

  test('a console that does not keep up loses the oldest, and is told so', () => {
    machine.serialPort.write('first')
    vi.advanceTimersByTime(60)
    for (let n = 0; n < 100; n += 1) machine.serialPort.write('x'.repeat(100))
    received()
    console.sol({ acknowledged: 1, accepted: 5 })
    const [next] = received()
    expect(next?.flags).toBe(0x08)
    console.sol({ acknowledged: 2, accepted: 0, flags: 0x01 })
    vi.advanceTimersByTime(10_000)
    expect(text(received())).toEqual([])
  })
})

describe('keys of the console', () => {
  beforeEach(() => {
    machine.powerOn()
  })

  test('are refused while the machine is off, which the console may try again', () => {
    console.data(APP, ACTIVATE, ENCRYPTED)
    const keys = typed()
    machine.powerOff()
    const refused = console.sol({ sequence: 1, characters: Buffer.from('a') })
    expect(refused).toMatchObject({ acknowledged: 1, accepted: 0, flags: 0x60 })
    machine.powerOn()
    expect(console.sol({ sequence: 2, characters: Buffer.from('a') })).toMatchObject({
      accepted: 1,
      flags: 0,
    })
    expect(keys).toEqual(['a'])
  })

  test('reach the machine once, however often they are sent; long ones are taken in part', () => {
    console.data(APP, ACTIVATE, ENCRYPTED)
    const keys = typed()
    expect(console.sol({ sequence: 1, characters: Buffer.from('ls') })).toMatchObject({
      acknowledged: 1,
      accepted: 2,
    })
    expect(console.sol({ sequence: 1, characters: Buffer.from('ls') })).toMatchObject({
      acknowledged: 1,
      accepted: 2,
    })
    const long = console.sol({ sequence: 2, characters: Buffer.alloc(100, 'y') })
    expect(long).toMatchObject({ acknowledged: 2, accepted: 64, flags: 0, sequence: 0 })
    expect(console.sol({ sequence: 3, flags: 0x10 })).toMatchObject({ acknowledged: 3, accepted: 0 })
    expect(keys).toEqual(['ls', 'y'.repeat(64), 'break'])
  })

  test('of a session that has no console, or that should be encrypted, are not heeded', () => {
    const keys = typed()
    expect(console.sol({ sequence: 1, characters: Buffer.from('a') })).toBeNull()
    console.data(APP, ACTIVATE, ENCRYPTED)
    expect(console.sol({ sequence: 1, characters: Buffer.from('b') }, false)).toBeNull()
    expect(logIn('console:2').sol({ sequence: 1, characters: Buffer.from('c') })).toBeNull()
    expect(keys).toEqual([])
  })

  test('a mute console acknowledges and does nothing more', () => {
    console.data(APP, ACTIVATE, ENCRYPTED)
    bmc.dials.solMute = true
    const keys = typed()
    expect(console.sol({ sequence: 1, characters: Buffer.from('a') })).toMatchObject({ acknowledged: 1 })
    machine.serialPort.print('hello')
    vi.advanceTimersByTime(10_000)
    expect({ keys, sent }).toEqual({ keys: [], sent: [] })
  })
})
