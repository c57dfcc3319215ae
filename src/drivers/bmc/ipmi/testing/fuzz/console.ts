import { recordedConsoles } from '../../fixtures/recorded-consoles.ts'
import { decodeSol, type SolPacket } from '../../sol/packet.ts'
import { SolStream } from '../../sol/stream.ts'
import { ManualClock } from '../manual-clock.ts'
import { mutateData } from './mutate.ts'

export interface ConsoleCounts {
  packets: number
  streams: number
  /** Characters that were passed on as printed. */
  printed: number
  taken: number
}

const received = recordedConsoles.flatMap(({ payloads }) =>
  payloads.filter((it) => it.startsWith('<')).map((it) => Buffer.from(it.slice(2), 'hex')),
)

/** Packets per stream: several rounds of the fifteen numbers. */
const perStream = 200

/**
 * Damaged packets and answers for consoles that write and break meanwhile. Whatever comes, a stream has one packet without
 * answer at most, repeats it six times at most, prints no more than it was given, and every write ends once the console does.
 */
export async function fuzzConsoles(
  packets: number,
  random: (below: number) => number,
): Promise<ConsoleCounts> {
  const counts: ConsoleCounts = { packets: 0, streams: 0, printed: 0, taken: 0 }
  while (counts.packets < packets) {
    await fuzzStream(counts, random)
    counts.streams += 1
  }
  return counts
}

async function fuzzStream(counts: ConsoleCounts, random: (below: number) => number): Promise<void> {
  const clock = new ManualClock()
  const sent = new Map<string, number>()
  let given = 0
  let printed = 0
  let last: SolPacket | undefined
  const stream = new SolStream(clock, 28 + random(224), {
    send: (packet) => {
      if (packet.sequence === 0) return
      const repetition = last === packet
      if (!repetition) sent.clear()
      last = packet
      const times = (sent.get(String(packet.sequence)) ?? 0) + 1
      sent.set(String(packet.sequence), times)
      if (times > 7 || packet.sequence > 15 || packet.characters.length > 251)
        throw new Error('not a packet of ours')
    },
    onCharacters: (characters) => {
      printed += characters.length
    },
    onSilence: () => undefined,
    onDeactivating: () => undefined,
  })

  const writes: Promise<unknown>[] = []
  for (let round = 0; round < perStream; round += 1) {
    if (random(10) === 0) writes.push(stream.write(Buffer.alloc(random(600), 'x')))
    if (random(40) === 0) writes.push(stream.sendBreak())
    const payload =
      random(3) === 0
        ? answerTo(last, random)
        : mutateData(received[random(received.length)] ?? Buffer.alloc(0), random)
    const packet = decodeSol(payload)
    if (packet !== undefined) {
      given += packet.characters.length
      stream.receive(packet)
    }
    counts.packets += 1
    if (random(4) === 0) clock.pass(random(700))
  }
  stream.end()
  counts.taken += (await Promise.all(writes)).filter((written) => written === 'taken').length
  if (printed > given) throw new Error(`${printed} characters printed of ${given}`)
  counts.printed += printed
}

/** A likely answer, now and then with a count or a bit that cannot be. */
function answerTo(packet: SolPacket | undefined, random: (below: number) => number): Buffer {
  const length = packet?.characters.length ?? 0
  const accepted = random(4) === 0 ? random(256) : length
  return Buffer.from([0, packet?.sequence ?? random(16), accepted, random(4) === 0 ? random(256) : 0])
}
