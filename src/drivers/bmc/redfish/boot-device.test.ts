import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { settingsPath, systemPath } from './testing/fake-resources.ts'
import { problem, type Reply, type Seen } from './testing/fake-types.ts'
import { type Rig, startRig } from './testing/rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.stop())

const lasting = { persistent: true, efi: true }
const patches = () => rig.fake.seen.filter((ask) => ask.method === 'PATCH')

/** Answers every PATCH (of `path`, if given). */
function onPatch(reply: (ask: Seen, usual: () => Reply) => Reply | undefined, path?: string): void {
  rig.fake.answer = (ask, usual) =>
    ask.method === 'PATCH' && (path === undefined || ask.path === path) ? reply(ask, usual) : undefined
}

describe('a plain BMC', () => {
  test('gets network, then disk, and reads them back', async () => {
    const { bmc, fake, lease } = rig
    expect(await bmc.bootDevice()).toEqual({ device: 'none', persistent: false, valid: false })
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(fake.machine.boot).toMatchObject({
      BootSourceOverrideTarget: 'Pxe',
      BootSourceOverrideEnabled: 'Continuous',
    })
    expect(await bmc.bootDevice()).toEqual({ device: 'network', persistent: true, valid: true })
    await bmc.setBootDevice(lease, 'disk', { persistent: false, efi: true })
    expect(await bmc.bootDevice()).toEqual({ device: 'disk', persistent: false, valid: true })
  })

  test('gets only what is not so already', async () => {
    const { bmc, fake, lease } = rig
    await bmc.setBootDevice(lease, 'network', lasting)
    await bmc.setBootDevice(lease, 'disk', lasting)
    await bmc.setBootDevice(lease, 'disk', lasting)
    await bmc.setBootDevice(lease, 'disk', { persistent: true, efi: false })
    expect(patches().map((ask) => ask.body.Boot)).toEqual([
      { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Continuous' },
      { BootSourceOverrideTarget: 'Hdd' },
      { BootSourceOverrideTarget: 'Hdd', BootSourceOverrideMode: 'Legacy' },
    ])
    expect(fake.machine.boot.BootSourceOverrideMode).toBe('Legacy')
  })

  test('boots over HTTP where it has no PXE, and a place to boot from is cleared', async () => {
    const { bmc, fake, lease } = rig
    fake.machine.boot['BootSourceOverrideTarget@Redfish.AllowableValues'] = ['None', 'UefiHttp', 'Hdd']
    fake.machine.boot.HttpBootUri = 'http://somewhere/else.iso'
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(fake.machine.boot).toMatchObject({ BootSourceOverrideTarget: 'UefiHttp', HttpBootUri: null })
    expect(await bmc.bootDevice()).toMatchObject({ device: 'network' })
  })

  test('without such a boot source is told so, with the consequence', async () => {
    rig.fake.machine.boot['BootSourceOverrideTarget@Redfish.AllowableValues'] = ['None', 'Usb']
    await expect(rig.bmc.setBootDevice(rig.lease, 'disk', lasting)).rejects.toMatchObject({
      code: 'bmc-unsupported',
      remedy: expect.stringContaining('PXE VLAN'),
    })
    expect(patches()).toEqual([])
  })

  test('that says yes and does nothing is found out', async () => {
    onPatch(() => ({ status: 204 }))
    await expect(rig.bmc.setBootDevice(rig.lease, 'network', lasting)).rejects.toMatchObject({
      code: 'boot-device-unset',
      details: { wanted: 'network', seen: { device: 'none' } },
    })
  })

  test('that shows it a moment later is given that moment', async () => {
    const { bmc, fake, lease } = rig
    const late = { ...fake.machine.boot }
    let reads = 0
    fake.answer = (ask, usual) => {
      if (ask.method === 'PATCH') {
        Object.assign(late, ask.body.Boot)
        return { status: 204 }
      }
      if (ask.path === systemPath && patches().length > 0 && ++reads === 2) fake.machine.boot = late
      return usual()
    }
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(await bmc.bootDevice()).toMatchObject({ device: 'network', valid: true })
  })

  test('whose answer was lost is written to once more, for the same is meant', async () => {
    let losses = 1
    onPatch((_ask, usual) => (losses-- > 0 ? { ...usual(), lost: true } : undefined))
    await rig.bmc.setBootDevice(rig.lease, 'network', lasting)
    expect(await rig.bmc.bootDevice()).toMatchObject({ device: 'network', valid: true })
  })

  test('that knows nothing lasting gets it for one boot', async () => {
    const { bmc, fake, lease } = rig
    onPatch((ask) =>
      ask.body.Boot.BootSourceOverrideEnabled === 'Continuous'
        ? { status: 400, body: problem('Base.1.8.PropertyValueNotInList', 'Continuous') }
        : undefined,
    )
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(await bmc.bootDevice()).toEqual({ device: 'network', persistent: false, valid: true })
    fake.machine.boot['BootSourceOverrideEnabled@Redfish.AllowableValues'] = ['Once', 'Disabled']
    rig.fake.seen.length = 0
    await bmc.setBootDevice(lease, 'disk', lasting)
    expect(patches()).toHaveLength(1)
  })
})

describe('the ETag', () => {
  test('of the resource goes with the PATCH', async () => {
    await rig.bmc.setBootDevice(rig.lease, 'network', lasting)
    expect(patches()[0]?.headers['if-match']).toBe('"v1"')
  })

  test.each([
    ['weak in the answer, and only strong accepted', 'W/"v1"', '"v1"'],
    ['with what a proxy adds', '"v1-gzip"', '"v1"'],
    ['quoted twice', '""v1""', '"v1"'],
    ['never right', '"other"', undefined],
  ])('%s', async (_, told, accepted) => {
    const { fake, bmc, lease } = rig
    fake.answer = (ask, usual) => {
      if (ask.path !== systemPath) return undefined
      if (ask.method === 'GET') return { ...usual(), headers: { ETag: told } }
      return ask.headers['if-match'] === accepted
        ? { ...usual(), status: 204 }
        : { status: 412, body: problem('Base.1.8.PreconditionFailed', '') }
    }
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(fake.machine.boot.BootSourceOverrideTarget).toBe('Pxe')
  })

  test('may stand in the body alone', async () => {
    rig.fake.machine.extra = { '@odata.etag': '"v1"' }
    rig.fake.answer = (ask, usual) =>
      ask.path === systemPath && ask.method === 'GET' ? { ...usual(), headers: {} } : undefined
    await rig.bmc.setBootDevice(rig.lease, 'network', lasting)
    expect(patches()[0]?.headers['if-match']).toBe('"v1"')
  })

  test('may be wanted by a BMC that tells none', async () => {
    rig.fake.answer = (ask, usual) => {
      if (ask.path !== systemPath) return undefined
      if (ask.method === 'GET') return { ...usual(), headers: {} }
      return ask.headers['if-match'] === undefined
        ? { status: 428, body: problem('Ami.1.0.PreconditionHeaderMissing', '') }
        : undefined
    }
    await rig.bmc.setBootDevice(rig.lease, 'network', lasting)
    expect(rig.fake.machine.boot.BootSourceOverrideTarget).toBe('Pxe')
  })

  test('that could break out of its header is not sent', async () => {
    rig.fake.machine.extra = { '@odata.etag': 'x\r\nX-Evil: 1' }
    rig.fake.answer = (ask, usual) =>
      ask.path === systemPath && ask.method === 'GET' ? { ...usual(), headers: {} } : undefined
    await rig.bmc.setBootDevice(rig.lease, 'network', lasting)
    expect(patches()[0]?.headers['if-match']).toBeUndefined()
  })
})

describe('a settings object', () => {
  beforeEach(() => {
    rig.fake.machine.pendingBoot = { ...rig.fake.machine.boot }
  })

  test('with the override is where it is written and read', async () => {
    const { bmc, fake, lease } = rig
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(fake.machine.pendingBoot?.BootSourceOverrideTarget).toBe('Pxe')
    expect(fake.machine.boot.BootSourceOverrideTarget).toBe('None')
    expect(await bmc.bootDevice()).toEqual({ device: 'network', persistent: true, valid: true })
  })

  test('without it is passed by', async () => {
    const { bmc, fake, lease } = rig
    fake.machine.pendingBoot = { BootOrder: ['Boot0001'] }
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(fake.machine.boot.BootSourceOverrideTarget).toBe('Pxe')
  })

  test('Dell: the system first; where that is read-only, the settings, and from then on them', async () => {
    const { bmc, fake, lease } = rig
    fake.machine.extra = { Manufacturer: 'Dell Inc.' }
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(fake.machine.boot.BootSourceOverrideTarget).toBe('Pxe')
    onPatch(() => ({ status: 400, body: problem('Base.1.18.PropertyNotWritable', 'Boot') }), systemPath)
    await bmc.setBootDevice(lease, 'disk', lasting)
    expect(fake.machine.pendingBoot?.BootSourceOverrideTarget).toBe('Hdd')
    expect(await bmc.bootDevice()).toMatchObject({ device: 'disk', valid: true })
    fake.seen.length = 0
    await bmc.setBootDevice(lease, 'network', lasting)
    expect(patches().map((ask) => ask.path)).toEqual([settingsPath])
  })

  test('and a system that both refuse: the words of the last are told', async () => {
    onPatch(() => ({ status: 400, body: problem('Base.1.18.PropertyNotWritable', 'Boot is read-only.') }))
    await expect(rig.bmc.setBootDevice(rig.lease, 'network', lasting)).rejects.toMatchObject({
      code: 'bmc-refused',
      message: expect.stringContaining('Boot is read-only.'),
    })
  })
})

describe("vendors' ways", () => {
  const made = (maker: string) => {
    rig.fake.machine.extra = { Manufacturer: maker }
  }
  const sent = async () => {
    await rig.bmc.setBootDevice(rig.lease, 'network', lasting)
    return patches().map((ask) => ask.body.Boot)
  }

  test('AMI and who sells it: target, enabled and mode together', async () => {
    made('ASRockRack')
    expect(await sent()).toEqual([
      {
        BootSourceOverrideTarget: 'Pxe',
        BootSourceOverrideEnabled: 'Continuous',
        BootSourceOverrideMode: 'UEFI',
      },
    ])
  })

  test('HPE: never the mode', async () => {
    made('HPE')
    rig.fake.machine.boot.BootSourceOverrideMode = 'Legacy'
    expect(await sent()).toEqual([
      { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Continuous' },
    ])
  })

  test('Supermicro: enabled always, and the mode again after it fell back', async () => {
    made('Supermicro')
    Object.assign(rig.fake.machine.boot, {
      BootSourceOverrideEnabled: 'Continuous',
      BootSourceOverrideMode: 'Legacy',
    })
    onPatch((ask, usual) => {
      const reply = usual()
      if (patches().indexOf(ask) === 0) rig.fake.machine.boot.BootSourceOverrideMode = 'Legacy'
      return reply
    })
    const bodies = await sent()
    expect(bodies).toHaveLength(2)
    expect(bodies[0]).toMatchObject({ BootSourceOverrideEnabled: 'Continuous' })
    expect(rig.fake.machine.boot).toMatchObject({
      BootSourceOverrideTarget: 'Pxe',
      BootSourceOverrideMode: 'UEFI',
    })
  })

  test('HPE in its self test: tried again, as long as its table says', async () => {
    made('HPE')
    let refusals = 6
    const inPost = { status: 400, body: problem('iLO.2.14.UnableToModifyDuringSystemPOST', '') }
    onPatch(() => (refusals-- > 0 ? inPost : undefined))
    await sent()
    expect(rig.fake.machine.boot.BootSourceOverrideTarget).toBe('Pxe')
    refusals = 99
    await expect(rig.bmc.setBootDevice(rig.lease, 'disk', lasting)).rejects.toMatchObject({
      code: 'bmc-refused',
    })
  })

  test('iDRAC10 just after it was switched off: tried again; elsewhere the same refusal is final', async () => {
    const conflict = { status: 409, body: problem('Base.1.18.ActionParameterValueConflict', 'On') }
    let refusals = 5
    rig.fake.answer = (ask) => (ask.path.endsWith('.Reset') && refusals-- > 0 ? conflict : undefined)
    await expect(rig.bmc.powerOn(rig.lease)).rejects.toMatchObject({ code: 'bmc-refused' })
    expect(rig.fake.machine.resets).toEqual([])
    made('Dell Inc.')
    await rig.bmc.powerOn(rig.lease)
    expect(rig.fake.machine.resets).toEqual(['On'])
  })
})
