import { describe, expect, test } from 'vitest'
import { scripted } from './testing/fixture.ts'
import type { Received } from './testing/received.ts'

const cycle = 2
const reset = 3
const soft = 5

function isControl(command: Received): boolean {
  return command.netFn === 0 && command.number === 2
}

describe('power cycle, hard reset and soft shutdown are sent once', () => {
  test.each([
    ['powerCycle' as const, cycle],
    ['hardReset' as const, reset],
    ['softOff' as const, soft],
  ])('%s whose reply is lost ran once, and the error says that it is not known', async (action, code) => {
    const { bmc, client, lease } = await scripted()
    bmc.fate = (command) => (isControl(command) ? 'reply-lost' : 'run')
    await expect(client[action]?.(lease)).rejects.toMatchObject({
      code: 'bmc-unreachable',
      details: { uncertain: true },
    })
    expect(bmc.controls).toEqual([code])
  })

  test('one that never arrived is not sent again either, since nobody can know', async () => {
    const { bmc, client, lease } = await scripted()
    bmc.fate = (command) => (isControl(command) ? 'lost' : 'run')
    await expect(client.powerCycle(lease)).rejects.toMatchObject({ details: { uncertain: true } })
    expect(bmc.controls).toEqual([])
  })

  test('one whose BMC dies with it is reported as not known too', async () => {
    const { bmc, client, lease } = await scripted()
    bmc.fate = (command) => {
      if (!isControl(command)) return 'run'
      bmc.alive = false
      return 'reply-lost'
    }
    await expect(client.powerCycle(lease)).rejects.toMatchObject({ details: { uncertain: true } })
    expect(bmc.controls).toEqual([cycle])
  })

  test('a session that the BMC has forgotten is found out before, so the cycle still happens', async () => {
    const { bmc, client, lease } = await scripted()
    await client.power()
    bmc.forgetSession()
    await client.powerCycle(lease)
    expect(bmc.controls).toEqual([cycle])
  })

  test('"busy" means that it did not run: it is sent again', async () => {
    const { bmc, client, lease } = await scripted()
    let busy = 2
    bmc.fate = (command) => (isControl(command) && busy-- > 0 ? { code: 0xc0 } : 'run')
    await client.powerCycle(lease)
    expect(bmc.controls).toEqual([cycle])
  })

  test.each([0xc3, 0xcf, 0xce])('code %i may mean that it ran: it is not sent again', async (code) => {
    const { bmc, client, lease } = await scripted()
    bmc.fate = (command) => (isControl(command) ? { code } : 'run')
    await expect(client.powerCycle(lease)).rejects.toMatchObject({ details: { uncertain: true } })
    expect(bmc.commands.filter(isControl)).toHaveLength(1)
  })
})

describe('power on and off', () => {
  test('reach the machine', async () => {
    const { bmc, client, lease } = await scripted()
    await client.powerOn(lease)
    expect(bmc.power).toBe('on')
    expect(await client.power()).toBe('on')
    await client.powerOff(lease)
    expect(bmc.power).toBe('off')
    expect(await client.power()).toBe('off')
  })

  test('retransmits carry the same request number and a new session number', async () => {
    const { bmc, client, lease } = await scripted()
    let lost = 2
    bmc.fate = (command) => (isControl(command) && lost-- > 0 ? 'reply-lost' : 'run')
    await client.powerOn(lease)
    const numbers = bmc.commands.filter(isControl).map((command) => command.requestSequence)
    expect(numbers.length).toBeGreaterThanOrEqual(3)
    expect(new Set(numbers).size).toBe(1)
  })

  test('all replies lost: the state is read, and as it is reached nothing more is sent', async () => {
    const { bmc, client, lease } = await scripted()
    bmc.fate = (command) => (isControl(command) ? 'reply-lost' : 'run')
    await client.powerOn(lease)
    expect(bmc.power).toBe('on')
    expect(new Set(bmc.commands.filter(isControl).map((it) => it.requestSequence)).size).toBe(1)
  })

  test('the command itself lost: the state is read, and it is sent again in a new session', async () => {
    const { bmc, client, lease } = await scripted()
    bmc.fate = (command) => (isControl(command) && bmc.opened.length === 1 ? 'lost' : 'run')
    await client.powerOn(lease)
    expect(bmc.power).toBe('on')
    expect(bmc.controls).toEqual([1])
    expect(bmc.opened).toHaveLength(2)
  })

  test.each([0xc0, 0xc3, 0xc4, 0xcf, 0xd2])('code %i is answered by a later try', async (code) => {
    const { bmc, client, lease } = await scripted()
    let refusals = 2
    bmc.fate = (command) => (isControl(command) && refusals-- > 0 ? { code } : 'run')
    await client.powerOn(lease)
    expect(bmc.power).toBe('on')
  })

  test('another code is a refusal, named in words', async () => {
    const { bmc, client, lease } = await scripted()
    bmc.fate = (command) => (isControl(command) ? { code: 0xd5 } : 'run')
    await expect(client.powerOn(lease)).rejects.toMatchObject({
      code: 'bmc-refused',
      message: expect.stringContaining('not supported in present state (0xD5)'),
      details: { completionCode: 0xd5 },
    })
    expect(bmc.power).toBe('off')
    expect(new Set(bmc.commands.filter(isControl).map((it) => it.requestSequence)).size).toBe(1)
  })
})

describe('without the hold on the host nothing is changed', () => {
  test('a hold that is lost before: no command leaves', async () => {
    const { bmc, client, lease } = await scripted()
    lease.lose()
    await expect(client.powerOn(lease)).rejects.toMatchObject({ code: 'lease-lost' })
    await expect(
      client.setBootDevice(lease, 'network', { persistent: false, efi: true }),
    ).rejects.toMatchObject({ code: 'lease-lost' })
    expect(bmc.power).toBe('off')
    expect(bmc.bootFlags).toEqual(Buffer.alloc(5))
  })

  test.each(['powerOn', 'powerOff', 'powerCycle', 'hardReset', 'softOff'] as const)(
    '%s asks right before it sends, even if the signal is late',
    async (action) => {
      const { bmc, client, lease } = await scripted()
      lease.loseUnnoticed()
      await expect(client[action]?.(lease)).rejects.toMatchObject({ code: 'lease-lost' })
      expect(bmc.commands.filter(isControl)).toEqual([])
    },
  )

  test('a hold that is lost while the reply is awaited: no retransmit follows', async () => {
    const { bmc, client, lease } = await scripted({ requestTimeoutMs: 2000, retransmitMs: 60 })
    let arrived = 0
    bmc.fate = (command) => {
      if (!isControl(command)) return 'run'
      arrived += 1
      lease.lose()
      return 'lost'
    }
    await expect(client.powerOn(lease)).rejects.toMatchObject({ code: 'lease-lost' })
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(arrived).toBe(1)
  })
})
