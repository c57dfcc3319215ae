import { describe, expect, test } from 'vitest'
import type { IpmiDriverOptions } from './options.ts'
import { privilege } from './rakp.ts'
import { type Fixture, scripted } from './testing/fixture.ts'
import type { ScriptedBmc } from './testing/scripted-bmc.ts'
import { compact, sdrBmc, success } from './testing/sdr-bmc.ts'

/** Packets are counted here, so a busy machine must not make any go twice. */
function patientlyScripted(options: IpmiDriverOptions = {}): Promise<Fixture> {
  return scripted({ requestTimeoutMs: 1200, retransmitMs: 250, ...options })
}

/** A BMC whose sessions all are taken, until told otherwise. */
function fill(bmc: ScriptedBmc): void {
  bmc.openStatuses = Array.from({ length: 1000 }, () => 0x01)
}

describe('a BMC without a free session', () => {
  test('is waited for as long as a leaked session lives, at growing distances', async () => {
    const { bmc, client } = await patientlyScripted({ sessionRetryMs: 10, sessionsFullMs: 10_000 })
    fill(bmc)
    const state = client.power()
    // 10, 20, 40 … up to 80 ms apart, and two tries of a suite each.
    await new Promise((resolve) => setTimeout(resolve, 700))
    const tries = bmc.opened.length / 2
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(15)
    bmc.openStatuses = []
    expect(await state).toBe('off')
  })

  test('is waited for by an operation too, which then switches the power', async () => {
    const { bmc, client, lease } = await patientlyScripted({ sessionsFullMs: 10_000 })
    fill(bmc)
    const on = client.powerOn(lease)
    setTimeout(() => {
      bmc.openStatuses = []
    }, 300)
    await on
    expect(bmc.power).toBe('on')
  })

  test('is not waited for by who says so', async () => {
    const { bmc, client } = await patientlyScripted({ sessionsFullMs: 10_000 })
    fill(bmc)
    await expect(client.power({ patient: false })).rejects.toMatchObject({ details: { sessionsFull: true } })
    expect(bmc.opened).toHaveLength(2)
  })

  test('is not waited for behind somebody who waits already', async () => {
    const { bmc, client, lease } = await patientlyScripted({ sessionsFullMs: 10_000, sessionRetryMs: 200 })
    fill(bmc)
    const on = client.powerOn(lease)
    await expect.poll(() => bmc.opened.length).toBe(2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const asked = performance.now()
    await expect(client.power({ patient: false })).rejects.toMatchObject({ details: { sessionsFull: true } })
    expect(performance.now() - asked).toBeLessThan(100)
    bmc.openStatuses = []
    await on
    expect(await client.power({ patient: false })).toBe('on')
  })

  test('is not waited for once the hold on the host is lost', async () => {
    const { bmc, client, lease } = await patientlyScripted({ sessionsFullMs: 10_000 })
    fill(bmc)
    const on = client.powerOn(lease)
    setTimeout(() => lease.lose(), 100)
    await expect(on).rejects.toMatchObject({ code: 'lease-lost' })
    expect(bmc.power).toBe('off')
  })

  test('does not keep the process from ending', async () => {
    const { bmc, client, driver } = await patientlyScripted({ sessionsFullMs: 60_000, sessionRetryMs: 5000 })
    fill(bmc)
    const states = Promise.allSettled([client.power(), client.power()])
    await expect.poll(() => bmc.opened.length).toBe(2)
    await driver.close()
    for (const state of await states)
      expect(state).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } })
  })
})

describe('a session for who comes again', () => {
  const look = { patient: false, keep: true }

  test('stays for the next look, and for an operation in between', async () => {
    const { bmc, client, lease } = await patientlyScripted({ sessionLingerMs: 0 })
    for (let round = 0; round < 3; round += 1) expect(await client.power(look)).toBe('off')
    await client.powerOn(lease)
    expect(await client.power(look)).toBe('on')
    expect(bmc.opened).toHaveLength(1)
    expect(bmc.closed).toBe(0)
  })

  test('is closed when nobody has come for long enough', async () => {
    const { bmc, client } = await patientlyScripted({ keptSessionMs: 100 })
    await client.power(look)
    await expect.poll(() => bmc.closed).toBe(1)
  })

  test('is closed at the end of the process', async () => {
    const { bmc, client, driver } = await patientlyScripted()
    await client.power(look)
    await driver.close()
    expect(bmc.closed).toBe(1)
  })

  test('is not kept any more with a BMC that keeps forgetting it', async () => {
    const { bmc, client } = await patientlyScripted({ requestTimeoutMs: 300, retransmitMs: 100 })
    for (let round = 0; round < 2; round += 1) {
      await client.power(look)
      bmc.forgetSession()
    }
    expect(await client.power(look)).toBe('off')
    await expect.poll(() => bmc.closed).toBe(1)
    expect(await client.power(look)).toBe('off')
    await expect.poll(() => bmc.closed).toBe(2)
    expect(bmc.opened).toHaveLength(4)
  })
})

test('a least gap between commands is kept', async () => {
  const { bmc, client } = await patientlyScripted({ commandGapMs: 100 })
  const arrived: number[] = []
  bmc.fate = () => {
    arrived.push(performance.now())
    return 'run'
  }
  for (let round = 0; round < 4; round += 1) await client.power()
  // The login's own command comes before the first, then four.
  const gaps = arrived.slice(2).map((at, index) => at - (arrived[index + 1] ?? 0))
  expect(gaps).toHaveLength(3)
  for (const gap of gaps) expect(gap).toBeGreaterThan(95)
})

describe('a user with USER privilege only', () => {
  test('may read; the power is refused by name, and no command for it leaves', async () => {
    const { bmc, client, lease } = await patientlyScripted()
    bmc.fate = ({ number, data }) => (number === 0x3b && data[0] !== privilege.user ? { code: 0x81 } : 'run')
    bmc.more = sdrAnswers([])
    expect(await client.sensors?.sensors()).toEqual([])
    for (const refused of [client.powerOn(lease), client.power(), client.identifyLight?.identify(1)])
      await expect(refused).rejects.toMatchObject({
        code: 'bmc-auth',
        remedy: expect.stringContaining('OPERATOR'),
      })
    expect(bmc.controls).toEqual([])
    expect(bmc.commands.filter(({ netFn }) => netFn === 0)).toEqual([])
  })

  test('is logged in at USER at once the next time', async () => {
    const { bmc, client } = await patientlyScripted({ sessionLingerMs: 0 })
    bmc.fate = ({ number, data }) => (number === 0x3b && data[0] !== privilege.user ? { code: 0x81 } : 'run')
    bmc.more = sdrAnswers([])
    await client.sensors?.sensors()
    await client.sensors?.sensors()
    expect(bmc.opened.map((it) => it.privilege)).toEqual([
      privilege.operator,
      privilege.administrator,
      privilege.user,
      privilege.user,
    ])
  })
})

describe('a long reading', () => {
  const records = Array.from({ length: 40 }, (_, index) => compact(index + 1, `S${index}`))

  test('lets the power be switched in between', async () => {
    const { bmc, client, lease } = await patientlyScripted()
    bmc.more = sdrAnswers(records)
    bmc.replyDelayMs = 2
    const order: string[] = []
    const reading = client.sensors?.sensors().then((found) => order.push(`${found.length} sensors`))
    await expect.poll(() => bmc.commands.length).toBeGreaterThan(10)
    await client.powerOn(lease).then(() => order.push('power'))
    await reading
    expect(order).toEqual(['power', '40 sensors'])
    expect(bmc.overlapping).toBe(0)
  })

  test('is one session, even without linger time', async () => {
    const { bmc, client } = await patientlyScripted({ sessionLingerMs: 0 })
    bmc.more = sdrAnswers(records)
    await client.sensors?.sensors()
    expect(bmc.opened).toHaveLength(1)
    await expect.poll(() => bmc.closed).toBe(1)
  })

  test('does not run beside another, whose reservation would cancel it', async () => {
    const { bmc, client } = await patientlyScripted()
    const reservations: number[] = []
    const answer = sdrAnswers(records)
    bmc.more = (command) => {
      if (command.netFn === 0x0a && command.number === 0x22) reservations.push(bmc.commands.length)
      return answer(command)
    }
    const [first, second] = await Promise.all([client.sensors?.sensors(), client.sensors?.sensors()])
    expect(first).toEqual(second)
    // The second found the records in the cache.
    expect(reservations).toHaveLength(1)
  })
})

/** Sensor records, and the reading "presence detected" of each. */
function sdrAnswers(records: Buffer[]): ScriptedBmc['more'] {
  const sdrs = sdrBmc(records)
  return (command) => {
    const reading = command.netFn === 0x04 && command.number === 0x2d
    const { completionCode, data } = reading
      ? success([0, 0xc0, 1, 0x80])
      : sdrs.answer({ name: '', ...command })
    return [completionCode, [...data]]
  }
}
