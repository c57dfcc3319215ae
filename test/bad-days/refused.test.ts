import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createNetwork, createOffering, registerTemplate } from '../../src/services/catalogue.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { hostView } from '../../src/services/hosts.ts'
import { destroyInstance } from '../../src/services/instances.ts'
import { why } from '../../src/services/why.ts'
import { allQuiet, expectOneError, expectResting, powerSwitches, tryDeploy } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** Everything that is refused before the first effect: one clear error, nothing touched, and the same call works later. */
describe('a deployment that is refused', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000 })
    await furnish(rig)
    expect(await rig.enlist('r2-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())

  const switches = () => powerSwitches(rig, 'r2-h1').length
  let switched = 0

  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
    await allQuiet(rig)
    await expectResting(rig, 'r2-h1')
  })

  async function refused(
    cause: () => Promise<unknown> | undefined,
    code: string,
    message: RegExp,
    remedy?: RegExp,
  ) {
    switched = switches()
    await cause()
    expectOneError(await tryDeploy(rig, 'web'), code, message, remedy)
    expect(switches()).toBe(switched)
    const said = await why(rig.core.services, 'instance', 'web')
    expect(said).toMatchObject({ well: false, summary: 'web is failed' })
    expect(said.blocks).toMatch(message)
    expect(said.action).toMatch(/\w/)
    expect(said.since).toMatch(/^\d{4}-/)
  }
  const dial = (target: string, dials: Record<string, unknown>) => rig.lab.faults.get(target)?.set(dials)

  test('MAAS is down', () =>
    refused(() => dial('maas', { down: 'reset' }), 'maas-unreachable', /MAAS/, /MAAS/))

  test('a proxy in front of MAAS answers 503', () =>
    refused(() => dial('maas', { down: 'unavailable' }), 'maas-unreachable', /503|unavailable/i))

  test('MAAS does not take the key', () =>
    refused(() => dial('maas', { keyRejected: true }), 'maas-auth', /key/i, /key/i))

  test('the image has gone from MAAS', () =>
    refused(
      () => dial('maas', { imageMissing: ['ubuntu/jammy'] }),
      'image-missing',
      /no image "ubuntu\/jammy"/,
      /Import it/,
    ))

  test('the BMC does not answer', () =>
    refused(() => dial('bmc/r2-h1', { unreachable: true }), 'bmc-unreachable', /127\.\d+\.2\.11/))

  test('the BMC has another password', () =>
    refused(() => dial('bmc/r2-h1', { rejectPassword: true }), 'bmc-auth', /password/i))

  test('two causes at once are told in one error, each once', async () => {
    await createNetwork(rig.core.services, { name: 'outside', kind: 'shared', vlan: 951 })
    await dial('maas', { imageMissing: ['ubuntu/jammy'] })
    expectOneError(
      await tryDeploy(rig, 'web', { networks: ['outside'] }),
      'check-failed',
      /^2 things are in the way: VLAN 951 is outside 100-899[^|]* \| MAAS has no image "ubuntu\/jammy"$/,
    )
  })

  test('the image is there only for another architecture', async () => {
    await expect(
      registerTemplate(rig.core.services, { name: 'arm', url: 'ubuntu/jammy', architecture: 'ppc64el' }),
    ).rejects.toMatchObject({
      code: 'image-missing',
      message: expect.stringMatching(/amd64.*not for ppc64el/),
    })
  })

  test('no host is free: every host with its own reasons', async () => {
    await createOffering(rig.core.services, {
      name: 'gpu',
      cpuCount: 32,
      memoryMib: 65_536,
      hostTags: ['gpu'],
    })
    const operation = await tryDeploy(rig, 'web', { offering: 'gpu' })
    expectOneError(operation, 'no-host', /r2-h1: has 16 CPUs, not 32; lacks host tag gpu/, /offering/)
    expect(operation.error?.details?.refused).toEqual([
      { hostId: expect.any(String), host: 'r2-h1', reasons: ['has 16 CPUs, not 32', 'lacks host tag gpu'] },
    ])
  })

  test('no NIC, a network that nobody knows, and a network without VLAN', async () => {
    const request = { name: 'web', template: 'jammy', offering: 'large' }
    const { services } = rig.core
    await expect(deployInstance(services, admin, { ...request, nics: [] })).rejects.toMatchObject({
      code: 'check-failed',
      message: expect.stringMatching(/no default NIC/),
    })
    await expect(
      deployInstance(services, admin, { ...request, nics: [{ network: 'mauve' }] }),
    ).rejects.toMatchObject({ code: 'not-found', message: expect.stringMatching(/mauve/) })
    await createNetwork(services, { name: 'unborn', kind: 'isolated', vlan: null })
    await expect(
      deployInstance(services, admin, { ...request, nics: [{ network: 'unborn' }] }),
    ).rejects.toMatchObject({ code: 'check-failed', message: expect.stringMatching(/unborn has no VLAN/) })
  })

  test('a data disk', async () => {
    await expect(
      deployInstance(rig.core.services, admin, {
        name: 'web',
        template: 'jammy',
        offering: 'large',
        nics: [{ network: 'blue' }],
        dataDisks: [{ size: 10 }],
      }),
    ).rejects.toMatchObject({ code: 'data-disk-refused' })
  })

  test('VLANs that are none: 0, 4095 and 5000 are refused when the network is made', async () => {
    for (const vlan of [0, 4095, 5000])
      await expect(
        createNetwork(rig.core.services, { name: `v${vlan}`, kind: 'isolated', vlan }),
      ).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining(`VLAN ${vlan}`) })
  })

  test.each([
    [950, /VLAN 950 is outside 100-899/],
    [10, /VLAN 10 is the PXE VLAN/],
    [999, /VLAN 999 is the quarantine VLAN/],
  ])('VLAN %i stands outside the fence', async (vlan, message) => {
    switched = switches()
    const made = await createNetwork(rig.core.services, { name: `v${vlan}`, kind: 'shared', vlan }).then(
      () => null,
      (error: unknown) => error,
    )
    if (made !== null) {
      expect(made).toMatchObject({ code: 'vlan-fenced', message: expect.stringMatching(message) })
      return
    }
    expectOneError(await tryDeploy(rig, 'web', { networks: [`v${vlan}`] }), 'vlan-fenced', message)
    expect(switches()).toBe(switched)
  })

  test('once nothing is in the way the same call works', async () => {
    expect(await tryDeploy(rig, 'web')).toMatchObject({ state: 'succeeded', error: null })
    expect(await hostView(rig.core.services, 'r2-h1')).toMatchObject({ state: 'in-use' })
    const { operation } = await destroyInstance(rig.core.services, admin, 'web')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
  })
})
