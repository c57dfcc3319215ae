import { FerruleError } from '../../../../../domain/errors.ts'
import { ipmiSimReading } from '../../fixtures/recorded-readings.ts'
import { readInventory } from '../../inventory.ts'
import type { Command, Reply } from '../../message.ts'
import { SdrCache } from '../../sdr/sdrs.ts'
import { readEventLog } from '../../sel/event-log.ts'
import { readSensors } from '../../sensor/sensors.ts'
import { inquiryOf, replyOf, requestHex, type TestInquiry } from '../inquiry.ts'
import { mutateData, randomData } from './mutate.ts'

export interface ReadingCounts {
  /** Replies that a BMC gave. */
  packets: number
  read: number
  /** Readings that ended with a FerruleError. */
  refused: number
  /** Most replies that one reading took. */
  longest: number
}

/** No reading can take more: the longest is a log of 65,534 entries, byte by byte. */
const mostReplies = 1_100_000

/**
 * Reads inventories, sensors and logs from a BMC that answers as a recorded one did, but for some replies that are
 * damaged, made up, or refusals. Each has to end as a reading or as a FerruleError; anything else is thrown on.
 */
export async function fuzzReadings(
  packets: number,
  random: (below: number) => number,
  onProgress: (done: number) => void = () => undefined,
): Promise<ReadingCounts> {
  const counts: ReadingCounts = { packets: 0, read: 0, refused: 0, longest: 0 }
  while (counts.packets < packets) {
    const inquiry = bentBmc(random)
    await read(inquiry, random(3)).then(
      () => {
        counts.read += 1
      },
      (error: unknown) => {
        if (!(error instanceof FerruleError)) throw error
        counts.refused += 1
      },
    )
    counts.packets += inquiry.asked.length
    counts.longest = Math.max(counts.longest, inquiry.asked.length)
    onProgress(counts.packets)
  }
  return counts
}

async function read(inquiry: TestInquiry, what: number): Promise<void> {
  const sdrs = new SdrCache()
  if (what === 0) await readInventory(inquiry, sdrs)
  else if (what === 1)
    for (const reading of await readSensors(inquiry, await sdrs.get(inquiry))) checkText(reading)
  else for (const entry of await readEventLog(inquiry, sdrs, 20)) checkText(entry)
}

/** What goes to people is a number or null, and text without control characters. */
function checkText(shown: object): void {
  for (const value of Object.values(shown).flat()) {
    if (typeof value === 'string' && /\p{Cc}/u.test(value))
      throw new Error(`control characters in "${value}"`)
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} is no reading`)
  }
}

const byRequest = new Map(ipmiSimReading)

function bentBmc(random: (below: number) => number): TestInquiry {
  // Some BMCs are bent throughout, most now and then: else no reading would come far.
  const oneIn = [3, 20, 100, 400][random(4)] ?? 20
  let replies = 0
  return inquiryOf((command) => {
    if (++replies > mostReplies) throw new Error(`a reading that does not end: ${requestHex(command)}`)
    const reply = recorded(command, random)
    return random(oneIn) === 0 ? bend(reply, random) : reply
  })
}

function recorded(command: Command, random: (below: number) => number): Reply {
  const request = requestHex(command)
  const exact = byRequest.get(request)
  if (exact !== undefined) return replyOf(exact)
  // The recording lacks this one: the answer to another request of the same command.
  const similar = ipmiSimReading.filter(([asked]) => asked.startsWith(request.slice(0, 4)))
  return replyOf(similar[random(similar.length)]?.[1] ?? 'c1')
}

function bend(reply: Reply, random: (below: number) => number): Reply {
  switch (random(4)) {
    case 0:
      return { completionCode: 0xc0 + random(0x17), data: Buffer.alloc(0) }
    case 1:
      return { completionCode: 0, data: randomData(random, random(256)) }
    default:
      return { completionCode: 0, data: mutateData(reply.data, random) }
  }
}
