import { describe, expect, test } from 'vitest'
import { destroyInstance } from '../../src/services/instances.ts'
import { rackViews } from '../../src/services/racks.ts'
import { allQuiet, expectResting, portsOf, tryDeploy } from '../support/bad-days.ts'
import { admin } from '../support/rig.ts'
import { HOST, learnsItsServer, rackForTests, toldAndPutBack, wholeLife } from '../support/tor-life.ts'

describe('a rack with two switches by gNMI', () => {
  const rig = rackForTests('gnmi', 'gnmi', '10m')

  test('the life of a server', () => wholeLife(rig()))

  test('what a server sends from is learned, and told', () => learnsItsServer(rig()))

  test.each([
    ['is away', { down: true }, /^switch-unreachable$/],
    ['shows another certificate', { otherCertificate: true }, /^switch-auth$/],
    ['refuses', { refuseNext: 50 }, /^switch-refused$/],
    ['says OK and does nothing', { okButNothing: 50 }, /^switch-mismatch$/],
    ['cuts the connection', { dropNext: 50 }, /^switch-unreachable$/],
  ])('one of them %s: told, and the ports are back', async (_how, dials, code) => {
    await toldAndPutBack(rig(), 'r2-tor2', dials, code)
  })

  test('one of them lies about keeping what is set: unseen until it starts anew, and then told', async () => {
    await rig().lab.faults.get('switch/r2-tor2')?.set({ saveLies: true })
    expect(await tryDeploy(rig(), 'web')).toMatchObject({ state: 'succeeded', error: null })
    const tenant = { untagged: 101, tagged: [] }
    expect(portsOf(rig(), HOST)).toEqual([tenant, tenant])
    const tor = rig().lab.switches.get('r2-tor2')
    await tor?.reboot()
    expect(portsOf(rig(), HOST)).toEqual([tenant, { untagged: 10, tagged: [] }])
    const drift = async () =>
      (await rackViews(rig().core.services)).flatMap(({ switches }) =>
        switches.flatMap(({ look }) => look?.drift ?? []),
      )
    await expect
      .poll(drift, { timeout: 150_000, interval: 50 })
      .toMatchObject([{ host: HOST, wanted: 'access untagged 101', running: 'access untagged 10' }])
    await rig().lab.faults.get('switch/r2-tor2')?.reset()
    const { operation } = await destroyInstance(rig().core.services, admin, 'web')
    expect(await rig().ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded', error: null })
    await allQuiet(rig())
    await expectResting(rig(), HOST)
  })
})
