import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registerTemplate } from '../../src/services/catalogue.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { stopInstance } from '../../src/services/instances.ts'
import { planDeploy } from '../../src/services/plan-deploy.ts'
import { planHeal } from '../../src/services/plan-heal.ts'
import { planPower } from '../../src/services/plan-instance.ts'
import { planReinstall } from '../../src/services/plan-reinstall.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

const nothing = { bond: null, ports: [], maas: [], bmc: [], erase: null, expectedMinutes: 0 }

/** What a plan that refuses lists beside its refusal: nothing, for nothing would be done. */
describe('a plan that is refused', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'], config: 'erase: { policy: quick }' })
    await furnish(rig)
    await registerTemplate(services(), { name: 'lost', url: 'ubuntu/noble' })
    // gone from MAAS since it was registered
    await write(`update template set image = 'ubuntu/lost' where name = 'lost'`)
    await rig.enlist('r1-h1', { clean: true })
  }, 60_000)
  afterAll(() => rig?.stop())

  const services = () => rig.core.services
  const web = (template: string, offering = 'large') => ({
    ...{ name: 'web1', template, offering, nics: [{ network: 'blue' }] },
  })
  const write = (statement: string) => services().tools.db.query(statement)

  test('deploy: no call to MAAS or BMC, no switch line and no bond', async () => {
    const lost = await planDeploy(services(), web('lost'))
    expect(lost).toMatchObject({ ...nothing, host: 'r1-h1', refusals: [{ code: 'image-missing' }] })
    const none = await planDeploy(services(), web('jammy', 'small'))
    expect(none).toMatchObject({ ...nothing, host: null, refusals: [{ code: 'no-host' }] })
    const { refusals, ports, maas, bmc } = await planDeploy(services(), web('jammy'))
    expect([refusals, ports.length, maas.length, bmc.length]).toEqual([[], 2, 3, 4])
  })

  test('reinstall, heal and start of a server: the same', async () => {
    const { operation } = await deployInstance(services(), admin, web('jammy'))
    await rig.ended(operation.id)
    expect(await planReinstall(services(), 'web1', { template: 'lost' })).toMatchObject({
      ...{ ...nothing, host: 'r1-h1', refusals: [{ code: 'image-missing' }] },
    })

    const machine = rig.lab.world.machine('r1-h1')
    machine.bootFlags = { ...machine.bootFlags, device: 'network' }
    expect(await planHeal(services(), 'r1-h1')).toMatchObject({
      refusals: [],
      bmc: ['boot device disk (persistent)'],
    })
    await write(`update instance set nics = jsonb_set(nics, '{0,vlan}', '999')`)
    const fenced = { ...nothing, host: 'r1-h1', refusals: [{ code: 'vlan-fenced' }] }
    expect(await planHeal(services(), 'r1-h1')).toMatchObject(fenced)
    await write(`update instance set nics = jsonb_set(nics, '{0,vlan}', '101')`)

    await stopInstance(services(), admin, 'web1').then(({ id }) => rig.ended(id))
    expect((await planPower(services(), 'web1', 'start')).bmc).toHaveLength(2)
    await write(`update network set vlan = 999 where name = 'blue'`)
    expect(await planPower(services(), 'web1', 'start')).toMatchObject(fenced)
  }, 60_000)
})
