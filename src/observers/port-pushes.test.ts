import { afterEach, beforeEach, expect, test } from 'vitest'
import { FerruleError } from '../domain/errors.ts'
import type { Services } from '../services/context.ts'
import type { SwitchRow } from '../store/racks.ts'
import { PortPushes, type PortPushesOptions } from './port-pushes.ts'

type Opened = Awaited<ReturnType<Services['tools']['openSwitch']>>
type Watch = NonNullable<Opened['ports']['watch']>

const minute = 60_000
let clock: number
let heard: string[]
let said: string[]
let pauses: number[]
/** What was recorded: "a lost: no", "a -" for none any more. */
let recorded: string[]
/** Of each switch: what becomes of a subscription. Absent: its protocol does not push. */
let watches: Map<string, Watch>
let opened: string[]
let pushes: PortPushes
let options: PortPushesOptions
/** The pauses end by themselves up to this many. */
let patience: number

const lasting: Watch = (changed, signal) => {
  changed()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}
const failing =
  (code: 'switch-unreachable' | 'switch-refused', ms = 0): Watch =>
  async () => {
    clock += ms
    throw new FerruleError(code, 'no', 'nothing')
  }
// of a switch's row nothing but its identity and that it changes is of interest here
const row = (id: string, address = id) => ({ id, address }) as SwitchRow
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

beforeEach(() => {
  clock = minute
  ;[heard, said, pauses, recorded, opened, patience] = [[], [], [], [], [], 0]
  watches = new Map()
  options = {
    tools: {
      now: () => clock,
      openSwitch: async (id) => {
        opened.push(id)
        const watch = watches.get(id)
        // the rest of a switch is never asked for
        return { ports: watch ? { watch } : {} } as Opened
      },
    },
    changed: (id) => heard.push(id),
    record: async (id, now) => {
      const failure = now?.failure ? `: ${now.failure}` : ''
      recorded.push(`${id} ${now?.state ?? '-'}${failure}`)
    },
    random: () => 0.5,
    pause: (ms, signal) => {
      pauses.push(ms)
      clock += ms
      if (pauses.length <= patience) return Promise.resolve()
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    },
    log: (_level, message) => said.push(message),
  }
  pushes = new PortPushes(options)
})
afterEach(() => pushes.stop())

test('a switch that pushes is listened to until it is no longer ours; one that does not is asked once', async () => {
  watches.set('a', lasting)
  pushes.keep([row('a'), row('b')])
  pushes.keep([row('a'), row('b')])
  await settled()
  expect([heard, opened]).toEqual([['a'], ['a', 'b']])
  expect(recorded).toEqual(['a subscribed', 'b -'])
  let tell = () => undefined as unknown
  watches.set('c', (changed, signal) => {
    tell = changed
    return lasting(changed, signal)
  })
  pushes.keep([row('c')])
  await settled()
  pushes.keep([row('a')])
  tell()
  await settled()
  // c was not heard any more, a anew
  expect(heard).toEqual(['a', 'c', 'a'])
  expect(recorded.filter((one) => one.startsWith('a'))).toEqual(['a subscribed', 'a -', 'a subscribed'])
  expect(recorded.filter((one) => one.startsWith('c'))).toEqual(['c subscribed', 'c -'])
})

test('reached in another way, it is subscribed to anew', async () => {
  watches.set('a', lasting)
  pushes.keep([row('a', '192.0.2.1')])
  await settled()
  pushes.keep([row('a', '192.0.2.2')])
  await settled()
  expect(heard).toEqual(['a', 'a'])
  expect(recorded).toEqual(['a subscribed', 'a -', 'a subscribed'])
})

test('one that is lost is made again, later and later, and told once', async () => {
  watches.set('a', failing('switch-unreachable'))
  patience = 8
  pushes.keep([row('a')])
  await settled()
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000))
  expect(said).toHaveLength(1)
  expect(recorded).toEqual(Array(9).fill('a lost: no'))
  await pushes.stop()
  expect(opened).toHaveLength(9)
  expect(recorded.at(-1)).toBe('a -')
})

test('one that lasted and was lost is made again soon', async () => {
  watches.set('a', failing('switch-unreachable', 2 * minute))
  patience = 3
  pushes.keep([row('a')])
  await settled()
  expect(pauses).toEqual([1_000, 1_000, 1_000, 1_000])
})

test('a switch that refuses is left alone for an hour', async () => {
  watches.set('a', failing('switch-refused'))
  patience = 1
  pushes.keep([row('a')])
  await settled()
  expect(pauses).toEqual([60 * minute, 60 * minute])
  expect(recorded).toEqual(['a refused: no', 'a refused: no'])
})

test('closed because its cables changed: opened again, and nobody is told', async () => {
  let times = 0
  watches.set('a', (changed, signal) => {
    times += 1
    return times === 1 ? Promise.resolve() : lasting(changed, signal)
  })
  patience = 1
  pushes.keep([row('a')])
  await settled()
  expect([times, heard, said]).toEqual([2, ['a'], []])
})

test('a state that cannot be recorded is told, and the subscription stands all the same', async () => {
  const { record } = options
  options.record = async () => {
    throw new Error('no database')
  }
  watches.set('a', lasting)
  pushes.keep([row('a')])
  await settled()
  expect([heard, said]).toEqual([['a'], ['the state of a subscription could not be recorded']])
  options.record = record
  await pushes.stop()
  expect(recorded).toEqual(['a -'])
})

test('a subscription that hangs does not hold up who stops', async () => {
  watches.set('a', () => new Promise(() => undefined))
  pushes.keep([row('a')])
  await settled()
  await pushes.stop()
  pushes.keep([row('a')])
  await settled()
  expect(opened).toEqual(['a'])
})
