import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resetPath } from './testing/fake-resources.ts'
import { problem } from './testing/fake-types.ts'
import { heldHost, type Rig, startRig } from './testing/rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.stop())

const resetsAsked = () => rig.fake.seen.filter((ask) => ask.path === resetPath)

test('switches on and off, and reads it', async () => {
  const { bmc, lease, fake } = rig
  expect(await bmc.power()).toBe('off')
  await bmc.powerOn(lease)
  expect(fake.machine.power).toBe('On')
  expect(await bmc.power()).toBe('on')
  await bmc.powerOff(lease)
  expect(fake.machine.power).toBe('Off')
  expect(fake.machine.resets).toEqual(['On', 'ForceOff'])
})

test('a host that is as it should be gets no command', async () => {
  rig.fake.machine.power = 'On'
  await rig.bmc.powerOn(rig.lease)
  expect(rig.fake.machine.resets).toEqual([])
})

test('shuts down softly, and restarts', async () => {
  const { bmc, lease, fake } = rig
  await bmc.softOff(lease)
  expect(fake.machine.resets).toEqual([])
  fake.machine.power = 'On'
  await bmc.powerCycle(lease)
  await bmc.softOff(lease)
  expect(fake.machine.resets).toEqual(['ForceRestart', 'GracefulShutdown'])
})

describe('while it is switching', () => {
  test('it is asked until it has settled', async () => {
    let reads = 0
    rig.fake.answer = (ask, usual) => {
      if (ask.method !== 'GET' || !ask.path.endsWith('/Systems/1')) return undefined
      reads += 1
      rig.fake.machine.power = reads < 4 ? 'PoweringOff' : 'Off'
      return usual()
    }
    expect(await rig.bmc.power()).toBe('off')
    expect(reads).toBe(4)
  })

  test.each(['PoweringOn', 'PoweringOff', 'Sleeping', 42, null])(
    'what goes on saying %s is unknown, and never off',
    async (state) => {
      rig.fake.machine.extra = { PowerState: state }
      expect(await rig.bmc.power()).toBe('unknown')
    },
  )

  test('nothing is switched on while its state is unknown; switching off is what makes it known', async () => {
    rig.fake.machine.extra = { PowerState: null }
    await expect(rig.bmc.powerOn(rig.lease)).rejects.toMatchObject({ code: 'power-unknown' })
    expect(rig.fake.machine.resets).toEqual([])
    await rig.bmc.powerOff(rig.lease)
    expect(rig.fake.machine.resets).toEqual(['ForceOff'])
  })
})

describe('which resets it allows', () => {
  test.each([
    [['ForceOn', 'ForceOff'], 'ForceOn'],
    [['PushPowerButton', 'ForceOff'], 'PushPowerButton'],
  ])('of %j the host is switched on by %s', async (allowed, used) => {
    rig.fake.machine.allowed = allowed
    await rig.bmc.powerOn(rig.lease)
    expect(rig.fake.machine.resets).toEqual([used])
    expect(rig.fake.machine.power).toBe('On')
  })

  test('they may be told by an ActionInfo', async () => {
    const info = '/redfish/v1/Systems/1/ResetActionInfo'
    rig.fake.machine.extra = {
      Actions: { '#ComputerSystem.Reset': { target: resetPath, '@Redfish.ActionInfo': info } },
    }
    rig.fake.answer = (ask) =>
      ask.path === info
        ? { status: 200, body: { Parameters: [{ Name: 'ResetType', AllowableValues: ['ForceOn'] }] } }
        : undefined
    await rig.bmc.powerOn(rig.lease)
    expect(rig.fake.machine.resets).toEqual(['ForceOn'])
  })

  test('without a list they are tried in their order', async () => {
    rig.fake.machine.allowed = null
    rig.fake.answer = (ask) =>
      ask.path === resetPath && ask.body.ResetType === 'On'
        ? { status: 400, body: problem('Base.1.8.ActionParameterNotSupported', 'ResetType On') }
        : undefined
    await rig.bmc.powerOn(rig.lease)
    expect(rig.fake.machine.resets).toEqual(['ForceOn'])
  })

  test('a list without any that fits is said, and nothing is sent', async () => {
    rig.fake.machine.power = 'On'
    rig.fake.machine.allowed = ['Nmi']
    await expect(rig.bmc.powerOff(rig.lease)).rejects.toMatchObject({ code: 'bmc-unsupported' })
    expect(resetsAsked()).toEqual([])
  })
})

describe('when the answer is lost', () => {
  test('what was done is found done, and not sent again', async () => {
    rig.fake.answer = (ask, usual) => (ask.path === resetPath ? { ...usual(), lost: true } : undefined)
    await rig.bmc.powerOn(rig.lease)
    expect(rig.fake.machine.resets).toEqual(['On'])
  })

  test('what was not done is sent once more, because on means a state', async () => {
    rig.fake.answer = (ask) =>
      ask.path === resetPath && resetsAsked().length === 1 ? { status: 0, lost: true } : undefined
    await rig.bmc.powerOn(rig.lease)
    expect(rig.fake.machine.power).toBe('On')
    expect(resetsAsked()).toHaveLength(2)
  })

  test('a button is not pushed twice', async () => {
    rig.fake.machine.allowed = ['PushPowerButton']
    rig.fake.answer = (ask) => (ask.path === resetPath ? { status: 0, lost: true } : undefined)
    await expect(rig.bmc.powerOn(rig.lease)).rejects.toMatchObject({
      code: 'bmc-unreachable',
      details: { uncertain: true },
    })
    expect(resetsAsked()).toHaveLength(1)
  })

  test('a restart is never repeated: the time of the last reset tells', async () => {
    rig.fake.machine.power = 'On'
    rig.fake.answer = (ask, usual) => (ask.path === resetPath ? { ...usual(), lost: true } : undefined)
    await rig.bmc.powerCycle(rig.lease)
    expect(rig.fake.machine.resets).toEqual(['ForceRestart'])

    rig.fake.answer = (ask) => (ask.path === resetPath ? { status: 0, lost: true } : undefined)
    await expect(rig.bmc.powerCycle(rig.lease)).rejects.toMatchObject({ details: { uncertain: true } })
    expect(resetsAsked()).toHaveLength(2)
  })

  test('a soft shutdown was asked for, as long as the BMC still answers', async () => {
    rig.fake.machine.power = 'On'
    rig.fake.answer = (ask) => (ask.path === resetPath ? { status: 0, lost: true } : undefined)
    await rig.bmc.softOff(rig.lease)
    expect(resetsAsked()).toHaveLength(1)
  })
})

describe('the lease', () => {
  test('without it nothing is sent', async () => {
    const lease = heldHost()
    lease.lose()
    await expect(rig.bmc.powerOn(lease)).rejects.toMatchObject({ code: 'lease-lost' })
    expect(resetsAsked()).toEqual([])
  })

  test('its loss ends a call that is under way', async () => {
    const lease = heldHost()
    rig.fake.answer = (ask, usual) => (ask.path === resetPath ? { ...usual(), delayMs: 800 } : undefined)
    const call = rig.bmc.powerOn(lease)
    await expect.poll(() => resetsAsked().length).toBe(1)
    const begun = Date.now()
    lease.lose()
    await expect(call).rejects.toMatchObject({ code: 'lease-lost' })
    expect(Date.now() - begun).toBeLessThan(500)
  })
})
