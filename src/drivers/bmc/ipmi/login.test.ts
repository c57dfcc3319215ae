import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { privilege } from './rakp.ts'
import { scripted } from './testing/fixture.ts'
import type { ScriptedBmc } from './testing/scripted-bmc.ts'

test('suite 17 is offered first, at OPERATOR', async () => {
  const { bmc, client } = await scripted()
  await client.power()
  expect(bmc.opened).toEqual([{ suite: 17, privilege: privilege.operator }])
})

test('suite 3 follows, and is what the next login begins with', async () => {
  const { bmc, client } = await scripted({ sessionLingerMs: 0 })
  bmc.suites = [3]
  await client.power()
  await client.power()
  expect(bmc.opened.map((it) => it.suite)).toEqual([17, 3, 3])
})

test('a remembered suite that is refused later gives way to the other', async () => {
  const { bmc, client } = await scripted({ sessionLingerMs: 0 })
  bmc.suites = [3]
  await client.power()
  bmc.suites = [17]
  await client.power()
  expect(bmc.opened.map((it) => it.suite)).toEqual([17, 3, 3, 17])
})

test('silence to suite 17 of a BMC that is up leads to suite 3', async () => {
  const { bmc, client } = await scripted()
  bmc.silentSuites = [17]
  expect(await client.power()).toBe('off')
  expect(bmc.opened.map((it) => it.suite)).toEqual([17, 3])
})

test('silence to both is no refusal: it may pass', async () => {
  const { bmc, client } = await scripted()
  bmc.silentSuites = [17, 3]
  await expect(client.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
})

test('no common suite is one clear error', async () => {
  const { bmc, client } = await scripted()
  bmc.suites = []
  await expect(client.power()).rejects.toMatchObject({
    code: 'bmc-auth',
    remedy: expect.stringContaining('cipher suite'),
  })
})

test.each([0x80, 0x81])(
  'ADMINISTRATOR is asked only when OPERATOR is refused with %i, and is remembered',
  async (code) => {
    const { bmc, client } = await scripted({ sessionLingerMs: 0 })
    bmc.fate = ({ number, data }) => (number === 0x3b && data[0] === privilege.operator ? { code } : 'run')
    await client.power()
    await client.power()
    await client.close()
    expect(bmc.opened.map((it) => it.privilege)).toEqual([
      privilege.operator,
      privilege.administrator,
      privilege.administrator,
    ])
    expect(bmc.closed).toBe(3)
  },
)

test('a user with neither level is told which one is needed', async () => {
  const { bmc, client } = await scripted()
  bmc.fate = ({ number }) => (number === 0x3b ? { code: 0x81 } : 'run')
  await expect(client.power()).rejects.toMatchObject({
    code: 'bmc-auth',
    remedy: expect.stringContaining('OPERATOR'),
  })
})

test('a wrong password is tried once, and the half-open session is given back', async () => {
  const { bmc, client } = await scripted({}, 'wrong')
  await expect(client.power()).rejects.toMatchObject({ code: 'bmc-auth' })
  expect(bmc.opened).toHaveLength(1)
  await expect.poll(() => bmc.aborted).toBe(1)
})

test('a BMC with a K_g that we do not have is told apart from a wrong password', async () => {
  const { bmc, client } = await scripted()
  bmc.setKg(Buffer.from('key of the BMC'))
  await expect(client.power()).rejects.toMatchObject({
    code: 'bmc-auth',
    message: expect.stringContaining('K_g'),
  })
})

test('the password is in no error', async () => {
  const { client } = await scripted({}, 'hunter2-hunter2')
  const error = await client.power().catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'bmc-auth' })
  expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
})

test('"insufficient resources" is waited out', async () => {
  const { bmc, client } = await scripted()
  bmc.openStatuses = [0x01, 0x01, 0x01]
  expect(await client.power()).toBe('off')
})

test('"insufficient resources" that stays is an error that may be retried later', async () => {
  const { bmc, client } = await scripted()
  bmc.openStatuses = Array.from({ length: 20 }, () => 0x01)
  await expect(client.power()).rejects.toMatchObject({
    code: 'bmc-unreachable',
    details: { sessionsFull: true },
  })
})

test('a BMC slower than the first retransmit is logged in to by the answer to the latest packet', async () => {
  const { bmc, client } = await scripted({ requestTimeoutMs: 1000, retransmitMs: 20 })
  bmc.rakp2DelayMs = 60
  expect(await client.power()).toBe('off')
  expect(bmc.rakp1s).toBeGreaterThan(1)
})

describe('a session for reads only', () => {
  /** No packet is sent twice, so that packets can be counted. */
  const unhurried = { retransmitMs: 2000, requestTimeoutMs: 4000 }
  const levelsAsked = (bmc: ScriptedBmc) => bmc.commands.filter((it) => it.number === 0x3b).length

  test('does without Set Session Privilege Level once the BMC has granted the level before', async () => {
    const { bmc, client } = await scripted({ sessionLingerMs: 0, ...unhurried })
    for (let read = 0; read < 3; read += 1) expect(await client.power()).toBe('off')
    expect(bmc.opened).toHaveLength(3)
    expect(levelsAsked(bmc)).toBe(1)
  })

  test('is raised when an action follows', async () => {
    const { bmc, client, lease } = await scripted(unhurried)
    await client.power()
    await client.close()
    await client.power()
    bmc.fate = ({ number }) => (number === 2 && levelsAsked(bmc) < 2 ? { code: 0xd4 } : 'run')
    await client.powerOn(lease)
    expect(bmc.power).toBe('on')
    expect(bmc.opened).toHaveLength(2)
  })

  test('is opened anew when an action follows and the BMC has forgotten it', async () => {
    const { bmc, client, lease } = await scripted()
    await client.power()
    await client.close()
    await client.power()
    bmc.forgetSession()
    await client.powerOn(lease)
    expect(bmc.power).toBe('on')
    expect(bmc.opened).toHaveLength(3)
  })

  test('is tried at the next level when the user has lost the one it had', async () => {
    const { bmc, client, lease } = await scripted()
    await client.power()
    await client.close()
    await client.power()
    bmc.fate = ({ number, data }) =>
      number === 0x3b && data[0] === privilege.operator ? { code: 0x81 } : 'run'
    await client.powerOn(lease)
    expect(bmc.power).toBe('on')
    expect(bmc.opened.at(-1)).toEqual({ suite: 17, privilege: privilege.administrator })
  })

  test('is raised for a read too where the BMC refuses it at USER, from then on at once', async () => {
    const { bmc, client } = await scripted({ sessionLingerMs: 0, ...unhurried })
    let raised = false
    bmc.fate = ({ number }) => {
      if (number === 0x3c) raised = false
      if (number === 0x3b) raised = true
      return number === 1 && !raised ? { code: 0xd4 } : 'run'
    }
    for (let read = 0; read < 3; read += 1) expect(await client.power()).toBe('off')
    expect(bmc.opened).toHaveLength(3)
    expect(bmc.commands.filter((it) => it.number === 1)).toHaveLength(4)
  })

  test('of another user is no matter of what the first one was granted', async () => {
    const { bmc, client, driver } = await scripted({ sessionLingerMs: 0, ...unhurried })
    await client.power()
    bmc.password = 'changed'
    const changed = driver.open({ address: bmc.address, username: 'admin', password: 'changed' })
    await changed.power()
    expect(levelsAsked(bmc)).toBe(2)
  })
})

test('a late answer to an earlier login is none to this one', async () => {
  const firstTags = [50, 100, 150]
  const random = (bytes: number) => (bytes === 1 ? Buffer.from([firstTags.shift() ?? 0]) : randomBytes(bytes))
  const { bmc, client } = await scripted({ sessionLingerMs: 0, random })
  bmc.openStatuses = [0x0d]
  await expect(client.power()).rejects.toMatchObject({ code: 'bmc-auth' })
  const refusals = [...bmc.openReplies]
  bmc.beforeOpenReply = () => refusals
  expect(await client.power()).toBe('off')
})
