import type { Inquiry } from '../client.ts'
import type { RecordedReading } from '../fixtures/recorded-readings.ts'
import type { Command, Reply } from '../message.ts'
import { withDefaults } from '../options.ts'

export interface TestInquiry extends Inquiry {
  /** Every command so far, as "network function and LUN, command, data" in hex. */
  readonly asked: string[]
}

/** A BMC that is a function. Waits take no time. */
export function inquiryOf(answer: (command: Command) => Reply): TestInquiry {
  const asked: string[] = []
  return {
    address: 'bmc-1',
    settings: withDefaults({
      clock: {
        after(_, task) {
          queueMicrotask(task)
          return () => undefined
        },
      },
    }),
    asked,
    async reply(command) {
      asked.push(requestHex(command))
      return answer(command)
    },
  }
}

/** The BMC of a recording. Throws for a command that it was not asked. */
export function replayed(recorded: RecordedReading): TestInquiry {
  return inquiryOf((command) => {
    const request = requestHex(command)
    const reply = recorded.find(([asked]) => asked === request)?.[1]
    if (reply === undefined) throw new Error(`the recording has no answer to ${request}`)
    return replyOf(reply)
  })
}

/** Completion code and data in hex. */
export function replyOf(hex: string): Reply {
  const bytes = Buffer.from(hex, 'hex')
  return { completionCode: bytes[0] ?? 0xff, data: bytes.subarray(1) }
}

export function requestHex({ netFn, lun = 0, number, data }: Command): string {
  return Buffer.from([(netFn << 2) | lun, number, ...data]).toString('hex')
}
