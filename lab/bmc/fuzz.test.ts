import { expect, test } from 'vitest'
import { Bmc } from './bmc.ts'
import { encodeRequest } from './message.ts'
import { encodePlain, PAYLOAD } from './packet.ts'
import { encodeOpenRequest, encodeRakp, encodeRakp1 } from './rakp.ts'
import { SUITES } from './suites.ts'
import { handshakePacket, StubConsole } from './test-support/stub-console.ts'
import { stubMachine } from './test-support/stub-machine.ts'

/** mulberry32: the same packets in every run. */
function randomInts(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) % below
  }
}

function randomBytes(int: (below: number) => number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => int(256)))
}

/** Flips, cuts or lengthens. */
function mutate(packet: Buffer, int: (below: number) => number): Buffer {
  const bytes = Buffer.from(packet)
  for (let n = int(4); n >= 0; n -= 1) bytes[int(bytes.length)] = int(256)
  const kind = int(4)
  if (kind === 0) return bytes.subarray(0, int(bytes.length + 1))
  if (kind === 1) return Buffer.concat([bytes, randomBytes(int, int(40))])
  return bytes
}

/** One valid packet of each kind that a console sends. */
function validPackets(console: StubConsole): Buffer[] {
  const chassisStatus = encodeRequest({ netFn: 0, command: 1, sequence: 1, data: Buffer.alloc(0) })
  const capabilities = encodeRequest({ netFn: 6, command: 0x38, sequence: 1, data: Buffer.from([0x8e, 4]) })
  const random = Buffer.alloc(16, 1)
  const rakp1 = { tag: 0, bmcId: console.bmcId, random, role: 0x14, username: Buffer.from('maas') }
  return [
    Buffer.from('0600ff06000011be80420000', 'hex'),
    encodePlain(capabilities),
    handshakePacket(PAYLOAD.ipmi, capabilities),
    handshakePacket(PAYLOAD.openRequest, encodeOpenRequest(1, 4, 77, SUITES[17])),
    handshakePacket(PAYLOAD.rakp1, encodeRakp1(rakp1)),
    handshakePacket(PAYLOAD.rakp3, encodeRakp(0, 0, console.bmcId, Buffer.alloc(32))),
    console.seal(chassisStatus),
  ]
}

const ROUNDS = 5_000

test('20,000 random, mutated and misused packets do no harm', () => {
  const int = randomInts(20261123)
  const machine = stubMachine()
  let now = 0
  const bmc = new Bmc(machine, { now: () => now })
  const console = new StubConsole(bmc)
  console.logIn(machine.bmc)
  const valid = validPackets(console)

  for (let round = 0; round < ROUNDS; round += 1) {
    bmc.handle(randomBytes(int, int(80)), 'fuzz:1')
    const header = Buffer.from([0x06, 0x00, 0xff, 0x07, int(2) * 6, int(256)])
    bmc.handle(Buffer.concat([header, randomBytes(int, int(80))]), 'fuzz:2')
    const packet = valid[int(valid.length)]
    if (packet !== undefined) bmc.handle(mutate(packet, int), 'fuzz:3')
    // Nobody without the password has switched anything so far.
    if (round === ROUNDS - 1) expect(machine.acts).toEqual([])
  }

  // A user who has the password, and sends nonsense at the highest level.
  const commands = [0x00, 0x01, 0x02, 0x04, 0x08, 0x09, 0x37, 0x38, 0x3b, 0x54]
  now += 6_000 // frees the slots of sessions that were opened by chance
  console.logIn(machine.bmc)
  console.sequence = 0
  let answered = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round % 50 === 0) console.administrator()
    const data = [...randomBytes(int, int(24))]
    // Half of the boot options are about the flags, which the machine has to bear.
    if (int(2) === 0) data[0] = 5
    const netFn = int(2) * 6
    const command = commands[int(commands.length)] ?? 0
    const payload = encodeRequest({ netFn, command, sequence: 1, data: Buffer.from(data) })
    if (bmc.handle(console.seal(int(3) === 0 ? mutate(payload, int) : payload), console.from)) answered += 1
  }
  expect(answered).toBeGreaterThan(ROUNDS / 2)
  expect(['on', 'off']).toContain(machine.power())
  expect(console.completion(0x06, 0x01)).toBe(0)
  bmc.stop()
})
