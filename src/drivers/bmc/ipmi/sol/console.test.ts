import { describe, expect, test } from 'vitest'
import type { SerialConsole } from '../../types.ts'
import type { IpmiDriverOptions } from '../options.ts'
import { privilege } from '../rakp.ts'
import { type Fixture, scripted } from '../testing/fixture.ts'
import { deactivating } from '../testing/scripted-sol.ts'

interface ConsoleFixture extends Fixture {
  open(takeOver?: boolean): Promise<SerialConsole>
}

async function given(options: IpmiDriverOptions = {}): Promise<ConsoleFixture> {
  // Packets are counted here, so a busy machine must not make any go twice.
  const fixture = await scripted({ requestTimeoutMs: 1200, retransmitMs: 250, ...options })
  const open = (takeOver = false) => {
    if (fixture.client.console === undefined) throw new Error('no console')
    return fixture.client.console.openConsole({ takeOver })
  }
  return { ...fixture, open }
}

const other = 99

describe('opening', () => {
  test('activates in an OPERATOR session, and both directions work', async () => {
    const { bmc, open } = await given()
    const console = await open()
    let shown = ''
    console.onData((data) => {
      shown += data.toString()
    })
    bmc.sendSol(bmc.sol.printed('login: '))
    await console.write(Buffer.from('root'))
    expect(bmc.sol.typed).toBe('root')
    expect(shown).toBe('login: ')
    expect(bmc.sol.acknowledged).toEqual([1])
    expect(bmc.opened.map((it) => it.privilege)).toEqual([privilege.operator])
  })

  test('asks for ADMINISTRATOR only if the BMC wants it, and later logins do not', async () => {
    const { bmc, client, open } = await given()
    bmc.sol.privilege = privilege.administrator
    const console = await open()
    await console.close()
    await client.close()
    await client.power()
    expect(bmc.opened.map((it) => it.privilege)).toEqual([
      privilege.operator,
      privilege.administrator,
      privilege.operator,
    ])
  })

  test('enables SOL where it is off', async () => {
    const { bmc, open } = await given()
    bmc.sol.enabled = false
    const console = await open()
    await console.write(Buffer.from('x'))
    expect(bmc.sol).toMatchObject({ enabled: true, typed: 'x' })
  })

  test('says that the user may not, where SOL is on and refused all the same', async () => {
    const { bmc, open } = await given()
    bmc.fate = ({ number }) => (number === 0x48 ? { code: 0x81 } : 'run')
    await expect(open()).rejects.toMatchObject({
      code: 'bmc-refused',
      remedy: expect.stringContaining('Enable SOL'),
    })
  })

  test.each([
    [0x83, 'bmc-unsupported', 'encrypt'],
    [0xc1, 'bmc-unsupported', 'no serial console'],
    [0xd5, 'bmc-refused', 'Activate Payload'],
  ])('is refused with %i: %s', async (code, error, text) => {
    const { bmc, open } = await given()
    bmc.fate = ({ number }) => (number === 0x48 ? { code } : 'run')
    await expect(open()).rejects.toMatchObject({ code: error, message: expect.stringContaining(text) })
  })

  test('what another session has is busy, and taken over on demand', async () => {
    const { bmc, open } = await given()
    bmc.sol.owner = other
    await expect(open()).rejects.toMatchObject({ code: 'console-busy' })
    expect(bmc.sol.owner).toBe(other)
    const console = await open(true)
    await console.write(Buffer.from('mine'))
    expect(bmc.sol.typed).toBe('mine')
  })

  test('a lost reply to the activation is not taken for somebody else', async () => {
    const { bmc, open } = await given()
    let lost = 1
    bmc.fate = ({ number }) => (number === 0x48 && lost-- > 0 ? 'reply-lost' : 'run')
    const console = await open()
    await console.write(Buffer.from('x'))
    expect(bmc.sol.typed).toBe('x')
  })

  test('a second time here is busy, or ends the first', async () => {
    const { bmc, open } = await given()
    const first = await open()
    await expect(open()).rejects.toMatchObject({ code: 'console-busy' })
    const second = await open(true)
    expect(await first.ended).toMatchObject({ reason: 'taken' })
    await second.write(Buffer.from('second'))
    expect(bmc.sol.typed).toBe('second')
    expect(bmc.opened).toHaveLength(1)
  })

  test('what comes before the first command is answered is not lost', async () => {
    const { bmc, open } = await given()
    bmc.fate = ({ number }) => {
      if (number === 0x48) setImmediate(() => bmc.sendSol(bmc.sol.printed('early')))
      return 'run'
    }
    const console = await open()
    await expect.poll(() => bmc.sol.acknowledged).toEqual([1])
    let shown = ''
    console.onData((data) => {
      shown += data.toString()
    })
    expect(shown).toBe('early')
  })

  test.each([
    [0, 28],
    [20, 28],
    [64, 60],
    [255, 251],
  ])('an inbound size of %i makes packets of %i characters', async (size, characters) => {
    const { bmc, open } = await given()
    bmc.sol.inboundSize = size
    const packets: number[] = []
    const receive = bmc.sol.receive.bind(bmc.sol)
    bmc.sol.receive = (payload) => {
      packets.push(payload.length - 4)
      return receive(payload)
    }
    const console = await open()
    await console.write(Buffer.alloc(300, 'x'))
    expect(Math.max(...packets)).toBe(characters)
    expect(bmc.sol.typed).toHaveLength(300)
  })
})

describe('while it is open', () => {
  test('commands go on in the same session, which outlives the linger time', async () => {
    const { bmc, client, lease, open } = await given({ sessionLingerMs: 0 })
    const console = await open()
    await client.powerOn(lease)
    await client.close()
    expect(await client.power()).toBe('on')
    await console.write(Buffer.from('x'))
    expect(bmc.opened).toHaveLength(1)
    expect(bmc.closed).toBe(0)
    await console.close()
    await expect.poll(() => bmc.closed).toBe(1)
    expect(bmc.sol.owner).toBe(0)
  })

  test('the BMC hears from us before it would forget the session', async () => {
    const { bmc, open } = await given({ consoleKeepAliveMs: 30 })
    await open()
    const asked = () => bmc.commands.filter(({ number }) => number === 0x4b).length
    await expect.poll(asked).toBeGreaterThan(3)
  })

  test('a BMC that does not name owners is asked something else', async () => {
    const { bmc, open } = await given({ consoleKeepAliveMs: 30 })
    bmc.sol.tellsOwner = false
    bmc.more = ({ number }) => (number === 1 ? [0, [0x20, 1, 1, 0, 2, 0, 0, 0, 0, 0, 0]] : undefined)
    const console = await open()
    const asked = () => bmc.commands.filter(({ netFn, number }) => netFn === 6 && number === 1).length
    await expect.poll(asked).toBeGreaterThan(3)
    await console.write(Buffer.from('x'))
    expect(bmc.sol.typed).toBe('x')
  })
})

test('a session number that was ours long ago is somebody else now', async () => {
  const { bmc, open } = await given({ consoleKeepAliveMs: 30, sessionsFullMs: 20 })
  const first = await open()
  bmc.forgetSession()
  await first.ended
  await new Promise((resolve) => setTimeout(resolve, 100))
  await expect(open()).rejects.toMatchObject({ code: 'console-busy' })
})

describe('the end', () => {
  test('by us is closed; the driver closes it too, and the BMC has it back', async () => {
    const { bmc, driver, open } = await given()
    const console = await open()
    await driver.close()
    expect(await console.ended).toMatchObject({ reason: 'closed' })
    expect(bmc.sol.owner).toBe(0)
    expect(bmc.closed).toBe(1)
    await expect(console.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'bmc-unreachable' })
    await expect(open()).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('by somebody else is taken, as the keep-alive finds', async () => {
    const { bmc, open } = await given({ consoleKeepAliveMs: 30 })
    const console = await open()
    bmc.sol.owner = other
    expect(await console.ended).toMatchObject({ reason: 'taken' })
  })

  test('by somebody else is taken, as a write without answer finds', async () => {
    const { bmc, open } = await given({ consoleKeepAliveMs: 60_000 })
    const console = await open()
    bmc.sol.hears = false
    bmc.sol.owner = other
    await expect(console.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'bmc-unreachable' })
    expect(await console.ended).toMatchObject({ reason: 'taken' })
  })

  test('by the word of the BMC is taken or lost, as it says on demand', async () => {
    for (const [owner, reason] of [
      [other, 'taken'],
      [0, 'lost'],
    ] as const) {
      const { bmc, open } = await given({ consoleKeepAliveMs: 60_000 })
      const console = await open()
      bmc.sol.owner = owner
      bmc.sendSol(deactivating)
      expect(await console.ended).toMatchObject({ reason })
    }
  })

  test('by a BMC that hears no characters though it answers is lost', async () => {
    const { bmc, open } = await given({ consoleKeepAliveMs: 60_000 })
    bmc.sol.tellsOwner = false
    bmc.more = ({ number }) => (number === 1 ? [0, [0x20, 1, 1, 0, 2, 0, 0, 0, 0, 0, 0]] : undefined)
    const console = await open()
    bmc.sol.hears = false
    await expect(console.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'bmc-unreachable' })
    expect(await console.ended).toMatchObject({ reason: 'lost' })
  })

  test('by a BMC that forgot the session, or went mute, is lost', async () => {
    for (const mute of [false, true]) {
      const { bmc, open } = await given({ consoleKeepAliveMs: 30 })
      const console = await open()
      if (mute) bmc.alive = false
      else bmc.forgetSession()
      expect(await console.ended).toMatchObject({
        reason: 'lost',
        detail: expect.stringContaining(mute ? 'silent' : 'forgotten'),
      })
    }
  })

  test('lets the next one open, though the BMC still holds it for the session that we lost', async () => {
    const { bmc, open } = await given({ consoleKeepAliveMs: 30, sessionsFullMs: 10_000 })
    const first = await open()
    bmc.forgetSession()
    await first.ended
    expect(bmc.sol.owner).not.toBe(0)
    const second = await open()
    await second.write(Buffer.from('again'))
    expect(bmc.sol.typed).toBe('again')
  })
})
