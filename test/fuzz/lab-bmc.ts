import { Bmc } from '../../lab/bmc/bmc.ts'
import { encodeRequest } from '../../lab/bmc/message.ts'
import { encodePlain, PAYLOAD } from '../../lab/bmc/packet.ts'
import { encodeOpenRequest, encodeRakp, encodeRakp1 } from '../../lab/bmc/rakp.ts'
import { SUITES } from '../../lab/bmc/suites.ts'
import { handshakePacket, StubConsole } from '../../lab/bmc/test-support/stub-console.ts'
import { stubMachine } from '../../lab/bmc/test-support/stub-machine.ts'
import { mutateData, randomData } from '../../src/drivers/bmc/ipmi/testing/fuzz/mutate.ts'

export interface LabCounts {
  packets: number
  /** Of those from somebody who has the password. */
  answered: number
}

/** Packets per BMC: then another one is made, so that each state is met often. */
const perBmc = 5000
const netFns = [0x00, 0x04, 0x06, 0x0a, 0x0c, 0x2c, 0x3e] as const

/**
 * The lab's BMC hears random and damaged packets from somebody without the password, and nonsense in a session from
 * somebody who has it. The first may switch nothing; after both, a login has to work and show the true power state.
 */
export function fuzzLabBmc(packets: number, random: (below: number) => number): LabCounts {
  const counts: LabCounts = { packets: 0, answered: 0 }
  while (counts.packets < packets) fuzzOne(counts, Math.min(perBmc, packets - counts.packets), random)
  return counts
}

function fuzzOne(counts: LabCounts, packets: number, random: (below: number) => number): void {
  const machine = stubMachine()
  let now = 0
  const bmc = new Bmc(machine, { now: () => now })
  const stranger = new StubConsole(bmc)
  stranger.logIn(machine.bmc)
  const valid = validPackets(stranger)
  const half = Math.ceil(packets / 2)
  for (let round = 0; round < half; round += 1) {
    const packet = valid[random(valid.length)] ?? Buffer.alloc(0)
    bmc.handle(random(4) === 0 ? randomData(random, random(120)) : mutateData(packet, random), 'stranger:1')
  }
  if (machine.acts.length > 0) throw new Error(`a stranger did ${machine.acts.join(', ')}`)

  // Frees the slots that were taken by chance.
  now += 120_000
  const user = new StubConsole(bmc)
  user.logIn(machine.bmc)
  for (let round = half; round < packets; round += 1) {
    if (round % 50 === 0) {
      now += 120_000
      user.sequence = 0
      user.logIn(machine.bmc)
      user.administrator()
    }
    const netFn = netFns[random(netFns.length)] ?? 0
    const request = encodeRequest({
      netFn,
      command: random(0x60),
      sequence: 1,
      data: randomData(random, random(24)),
    })
    const payload = random(3) === 0 ? mutateData(request, random) : request
    if (bmc.handle(user.seal(payload), user.from) !== null) counts.answered += 1
  }
  counts.packets += packets

  now += 120_000
  const last = new StubConsole(bmc)
  last.logIn(machine.bmc)
  const status = last.command(0x00, 0x01)
  const seen = ((status?.data[0] ?? 0) & 1) === 1 ? 'on' : 'off'
  if (status?.completion !== 0 || seen !== machine.power())
    throw new Error(`the machine is ${machine.power()}, the BMC says ${seen}`)
  bmc.stop()
}

/** One valid packet of each kind that a console sends. */
function validPackets(console: StubConsole): Buffer[] {
  const status = encodeRequest({ netFn: 0, command: 1, sequence: 1, data: Buffer.alloc(0) })
  const capabilities = encodeRequest({ netFn: 6, command: 0x38, sequence: 1, data: Buffer.from([0x8e, 4]) })
  const rakp1 = {
    ...{ tag: 0, bmcId: console.bmcId, random: Buffer.alloc(16, 1), role: 0x14 },
    username: Buffer.from('maas'),
  }
  return [
    Buffer.from('0600ff06000011be80420000', 'hex'),
    encodePlain(capabilities),
    handshakePacket(PAYLOAD.ipmi, capabilities),
    handshakePacket(PAYLOAD.openRequest, encodeOpenRequest(1, 4, 77, SUITES[17])),
    handshakePacket(PAYLOAD.rakp1, encodeRakp1(rakp1)),
    handshakePacket(PAYLOAD.rakp3, encodeRakp(0, 0, console.bmcId, Buffer.alloc(32))),
    // One that only reads: the damage may spare it.
    console.seal(status),
  ]
}
