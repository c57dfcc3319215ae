import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import { findHost } from '../../src/services/hosts.ts'
import { applyRack } from '../../src/services/racks.ts'
import type { Rig } from '../support/rig.ts'
import { admin, startRig } from '../support/rig.ts'

/** A rack file that lies about a cable would put one tenant's VLAN on another's server. */
describe('cables that are not as the rack file says', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'] })
  }, 60_000)
  afterAll(() => rig?.stop())

  test('two swapped ports are seen by LLDP at enlistment: refused, and nothing is left behind', async () => {
    const file = rackFile(rig.lab.plan)
    for (const rack of file.racks) {
      for (const host of rack.hosts) {
        if (host.port === '1/2') host.port = '1/4'
        else if (host.port === '1/4') host.port = '1/2'
      }
    }
    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(file))
    const swapped = await rig.enlist('r1-h2')
    expect(swapped).toMatchObject({ state: 'undone', error: { code: 'check-failed' } })
    expect(swapped.error?.message).toContain('LLDP sees port')
    await expect(findHost(rig.core.services, 'r1-h2')).rejects.toThrow('no host r1-h2')

    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(rackFile(rig.lab.plan)))
    expect(await rig.enlist('r1-h2')).toMatchObject({ state: 'succeeded' })
  }, 60_000)
})
