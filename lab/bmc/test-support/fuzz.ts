import { Bmc } from '../bmc.ts'
import { encodeRequest } from '../message.ts'
import { encodePlain, PAYLOAD } from '../packet.ts'
import { encodeOpenRequest, encodeRakp, encodeRakp1 } from '../rakp.ts'
import { SEL_CAPACITY } from '../sel.ts'
import { PRIVILEGE } from '../sessions.ts'
import { SUITES } from '../suites.ts'
import { handshakePacket, StubConsole } from './stub-console.ts'
import { type StubMachine, stubMachine } from './stub-machine.ts'

/** Whole numbers below the argument. */
export type Random = (below: number) => number

export interface FuzzCounts {
  packets: number
  /** Of those that came from somebody who has the password. */
  answered: number
  /** Times that the BMC was restarted by them. */
  restarts: number
}

/** Then there is another BMC, so that each of its states is met often. */
const PACKETS_PER_BMC = 5_000
/** Longer than any session or restart takes. */
const LONG_MS = 120_000

/** Every command of a whole BMC, and some that it has not. */
const COMMANDS: readonly [netFn: number, commands: readonly number[]][] = [
  [0x00, [0x00, 0x01, 0x02, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0f]],
  [0x04, [0x20, 0x23, 0x25, 0x26, 0x27, 0x29, 0x2b, 0x2d, 0x2f]],
  [
    0x06,
    [
      0x01, 0x02, 0x03, 0x04, 0x08, 0x37, 0x38, 0x3b, 0x3c, 0x3d, 0x41, 0x42, 0x44, 0x46, 0x48, 0x49, 0x4a,
      0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x54,
    ],
  ],
  [
    0x0a,
    [0x10, 0x11, 0x12, 0x20, 0x22, 0x23, 0x28, 0x40, 0x42, 0x43, 0x44, 0x46, 0x47, 0x48, 0x49, 0x5c, 0x5d],
  ],
  [0x0c, [0x01, 0x02, 0x21, 0x22]],
  [0x2c, [0x00, 0x01]],
]

/**
 * The lab's BMC hears random, damaged and misused packets: first from somebody without the password, who must not change
 * anything, then from somebody who has it and sends nonsense at the highest level. After both, everything has to work and
 * to be true. Throws on the first thing that is not.
 */
export async function fuzzBmc(packets: number, random: Random): Promise<FuzzCounts> {
  const counts: FuzzCounts = { packets: 0, answered: 0, restarts: 0 }
  while (counts.packets < packets)
    await fuzzOne(counts, Math.min(PACKETS_PER_BMC, packets - counts.packets), random)
  return counts
}

async function fuzzOne(counts: FuzzCounts, packets: number, random: Random): Promise<void> {
  const machine = stubMachine()
  const typed: string[] = []
  machine.serialPort.readBy({
    type: (bytes) => typed.push(bytes.toString('latin1')),
    break: () => typed.push('break'),
  })
  let now = 0
  const bmc = new Bmc(machine, { now: () => now })
  const half = Math.ceil(packets / 2)
  try {
    strangers(bmc, machine, half, random)
    check(machine.acts.length === 0, `a stranger did ${machine.acts.join(', ')}`)
    check(typed.length === 0, 'a stranger typed at the serial console')
    check(bmc.controller.log.size === 0, 'a stranger wrote into the event log')
    check(bmc.controller.identify.state === 'off', 'a stranger lit the lamp')
    now += LONG_MS

    bmc.controller.onRestart(() => {
      counts.restarts += 1
    })
    for (let done = half; done < packets; done += 50) {
      counts.answered += nonsense(bmc, machine, Math.min(50, packets - done), random)
      // A restart that was ordered happens now.
      await Promise.resolve()
      now += LONG_MS
      check(bmc.sessions.size === 0, 'a session outlives its time')
    }
    soundness(bmc, machine)
  } finally {
    bmc.stop()
  }
  counts.packets += packets
}

/** Packets from all over the place; `valid` ones were right until they were bent. */
function strangers(bmc: Bmc, machine: StubMachine, packets: number, random: Random): void {
  const console = new StubConsole(bmc)
  console.logIn(machine.bmc)
  const valid = validPackets(console)
  for (let round = 0; round < packets; round += 1) {
    const kind = random(8)
    const packet = valid[random(valid.length)] ?? Buffer.alloc(0)
    if (kind === 0) bmc.handle(randomBytes(random, random(120)), 'stranger:1')
    else if (kind === 1) {
      const header = Buffer.from([0x06, 0x00, 0xff, 0x07, random(2) * 6, random(256)])
      bmc.handle(Buffer.concat([header, randomBytes(random, random(80))]), 'stranger:2')
    } else bmc.handle(bent(packet, random), 'stranger:3')
    check(bmc.sessions.size <= bmc.sessions.capacity, 'more sessions than there are')
  }
}

/** Requests and console packets of a session, with data that may mean anything; how many of them were answered. */
function nonsense(bmc: Bmc, machine: StubMachine, packets: number, random: Random): number {
  const console = new StubConsole(bmc)
  console.logIn(machine.bmc, random(2) === 0 ? 3 : 17)
  console.administrator()
  let answered = 0
  for (let round = 0; round < packets; round += 1) {
    const sol = random(5) === 0
    const payload = sol ? randomBytes(random, random(90)) : request(random)
    const sealed = console.seal(payload, undefined, {
      payloadType: sol ? PAYLOAD.sol : PAYLOAD.ipmi,
      encrypted: random(8) !== 0,
    })
    if (bmc.handle(sealed, console.from) !== null) answered += 1
    if (random(10) === 0) machine.serialPort.write('output of the machine\n')
    if (random(20) === 0) machine.physics.inletC = random(60)
  }
  return answered
}

function request(random: Random): Buffer {
  const [netFn, commands] = COMMANDS[random(COMMANDS.length)] ?? [0, [0]]
  const data = randomBytes(random, random(24))
  // Small numbers are parameters, channels, payloads and records that there are.
  for (let at = 0; at < Math.min(data.length, 3); at += 1) if (random(2) === 0) data[at] = random(10)
  const command = commands[random(commands.length)] ?? 0
  const whole = encodeRequest({ netFn, command, sequence: random(64), data })
  return random(4) === 0 ? bent(whole, random) : whole
}

/** After all of it a login works, tells the truth, and has the serial console. */
function soundness(bmc: Bmc, machine: StubMachine): void {
  const console = new StubConsole(bmc)
  console.logIn(machine.bmc)
  console.administrator()
  const on = ((console.data(0x00, 0x01)[0] ?? 0) & 1) === 1
  check(on === (machine.power() === 'on'), `the machine is ${machine.power()}, the BMC says otherwise`)
  check(bmc.controller.log.size <= SEL_CAPACITY, 'the event log is fuller than full')
  check(console.data(0x0a, 0x20).readUInt16LE(1) === 26, 'records are missing')
  // Settings may have been changed by then, rightly: they are set back before.
  console.data(0x0c, 0x21, [1, 1, 1])
  console.data(0x0c, 0x21, [1, 2, PRIVILEGE.administrator])
  console.data(0x06, 0x4c, [1, 0x02, 2, 0, 0, 0])
  check(console.completion(0x06, 0x48, [1, 1, 0xc0, 0, 0, 0]) === 0, 'the serial console cannot be had')
  check(
    console.sol({ sequence: 1, characters: Buffer.from('x') })?.acknowledged === 1,
    'the serial console is deaf',
  )
}

/** One valid packet of each kind that a console sends. */
function validPackets(console: StubConsole): Buffer[] {
  const status = encodeRequest({ netFn: 0, command: 1, sequence: 1, data: Buffer.alloc(0) })
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
    // Ones that only read: the damage may spare them.
    console.seal(status),
    console.seal(Buffer.alloc(8), undefined, { payloadType: PAYLOAD.sol, encrypted: true }),
  ]
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)))
}

/** Flips, cuts or lengthens. */
function bent(packet: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(packet)
  for (let n = random(4); n >= 0; n -= 1) bytes[random(bytes.length)] = random(256)
  const kind = random(4)
  if (kind === 0) return bytes.subarray(0, random(bytes.length + 1))
  if (kind === 1) return Buffer.concat([bytes, randomBytes(random, random(40))])
  return bytes
}

function check(holds: boolean, words: string): void {
  if (!holds) throw new Error(words)
}
