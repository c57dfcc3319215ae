import { beforeEach, describe, expect, test } from 'vitest'
import { FerruleError } from '../../domain/errors.ts'
import { SwitchBreaker } from './breaker.ts'
import { openSwitchPorts } from './engine.ts'
import { driverOf, FakeSwitch, fence, pxe, testLease, unreachable } from './test-support/fake-switch.ts'

const rules = { failures: 3, firstPauseMs: 1_000, longestPauseMs: 3_000 }
let now: number
let breaker: SwitchBreaker
let asked: number
beforeEach(() => {
  now = 1_000_000
  asked = 0
  breaker = new SwitchBreaker('tor1', rules, () => now)
})

const dead = () =>
  breaker.call(async () => {
    asked += 1
    throw unreachable()
  })
const well = () =>
  breaker.call(async () => {
    asked += 1
    return 'well'
  })
const said = (work: Promise<unknown>) => work.then(String, (error: FerruleError) => error.message)

async function opened(): Promise<void> {
  for (let time = 0; time < rules.failures; time += 1) await said(dead())
  asked = 0
}

describe('a switch that does not answer', () => {
  test('is left alone after some times, with what it said last and when it is tried again', async () => {
    await opened()
    expect(await said(dead())).toBe(
      'Switch tor1 has not answered 3 times in a row and is left alone for another 1 s: Switch 192.0.2.1 cannot be reached',
    )
    expect(asked).toBe(0)
    expect(breaker.health()).toEqual({
      state: 'open',
      failures: 3,
      nextTry: now + 1_000,
      lastError: 'Switch 192.0.2.1 cannot be reached',
    })
  })

  test('is tried by one call after its rest; the others wait, and go through once it has answered', async () => {
    await opened()
    now += 1_000
    expect(breaker.health().state).toBe('half-open')
    let answer = (_: string): void => undefined
    const probe = breaker.call(
      () =>
        new Promise<string>((resolve) => {
          answer = resolve
        }),
    )
    const others = [said(well()), said(well())]
    await new Promise(setImmediate)
    expect(asked).toBe(0)
    expect(breaker.health().state).toBe('half-open')
    answer('well')
    expect(await probe).toBe('well')
    expect(breaker.health()).toEqual({ state: 'closed', failures: 0, nextTry: null, lastError: null })
    expect(await Promise.all(others)).toEqual(['well', 'well'])
  })

  test('is asked by nobody else when that one call got no answer either', async () => {
    await opened()
    now += 1_000
    const [probe, other, third] = await Promise.all([said(dead()), said(dead()), said(well())])
    expect(probe).not.toContain('is left alone')
    expect([other, third].map((text) => text.includes('is left alone for another 2 s'))).toEqual([true, true])
    expect(asked).toBe(1)
  })

  test('is tried by the next one when that one call says nothing of it', async () => {
    await opened()
    now += 1_000
    const lost = said(
      breaker.call(async () => {
        throw new FerruleError('lease-lost', 'lost', 'Nothing.')
      }),
    )
    expect(await Promise.all([lost, said(well()), said(well())])).toEqual(['lost', 'well', 'well'])
  })

  test('rests longer each time, up to a limit', async () => {
    await opened()
    const rests: number[] = []
    for (let time = 0; time < 4; time += 1) {
      now = breaker.health().nextTry ?? 0
      await said(dead())
      rests.push((breaker.health().nextTry ?? 0) - now)
    }
    expect(rests).toEqual([2_000, 3_000, 3_000, 3_000])
    expect(asked).toBe(4)
  })

  test('and answers in between, if only with a refusal, is not left alone', async () => {
    const refuse = () =>
      breaker.call(async () => {
        throw new FerruleError('switch-refused', 'no', 'Read it.')
      })
    for (let time = 0; time < 6; time += 1) {
      await said(dead())
      if (time % 2 === 1) await said(refuse())
    }
    expect(breaker.health().state).toBe('closed')
  })

  test('a lost lease says nothing of the switch', async () => {
    await said(dead())
    await said(
      breaker.call(async () => {
        throw new FerruleError('lease-lost', 'lost', 'Nothing.')
      }),
    )
    expect(breaker.health().failures).toBe(1)
  })
})

test('a dead switch takes no time from another one, and none from its own callers once it is known', async () => {
  const open = (id: string, device: FakeSwitch) =>
    openSwitchPorts({
      id,
      driver: driverOf(device),
      endpoint: { address: id, username: 'u', password: 'p' },
      fence,
      timeouts: { coalesceMs: 0, readRetryMs: [1, 1], breaker: { ...rules, failures: 6 } },
    })
  const gone = new FakeSwitch()
  let waits = 0
  gone.onRead = () => {
    waits += 1
    throw unreachable()
  }
  gone.readVlans = async () => {
    throw unreachable()
  }
  const [first, second] = [open('tor1', gone), open('tor2', new FakeSwitch())]
  const wanted = new Map([['1', pxe]])
  try {
    const outcomes = await Promise.all([
      said(first.ensurePorts(testLease(), wanted)),
      second.ensurePorts({ ...testLease(), id: 'tor2' }, wanted).then((results) => results.length),
    ])
    expect(outcomes).toEqual(['Switch 192.0.2.1 cannot be reached', 1])
    const before = waits
    expect(await said(first.ensurePorts(testLease(), wanted))).toContain('left alone')
    expect(await said(first.readPorts(['1']))).toContain('left alone')
    expect(waits).toBe(before)
    expect([first.health().state, second.health().state]).toEqual(['open', 'closed'])
  } finally {
    await Promise.all([first.close(), second.close()])
  }
})
