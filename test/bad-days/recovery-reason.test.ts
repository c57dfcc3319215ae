import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attachNetwork, detachNetwork, startInstance, stopInstance } from '../../src/services/instances.ts'
import { recoveryReason } from '../../src/services/recovery.ts'
import type { Operation } from '../../src/store/operations.ts'
import { tryDeploy } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** What tells that a database is older than the world, each sign by itself. */
describe('the signs of a restored database', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'] })
    await furnish(rig)
    expect(await rig.enlist('r2-h2', { clean: true })).toMatchObject({ state: 'succeeded' })
    expect(await tryDeploy(rig, 'web', { offering: 'small' })).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())

  const query = (text: string, values?: unknown[]) => rig.core.services.tools.db.query(text, values)
  const reason = async () => (await recoveryReason(rig.core.services))?.message ?? null
  const numberInMaas = async () => {
    const [machine] = await rig.core.services.tools.maas.machines({ tags: ['ferrule-rig'] })
    return Number(machine?.annotations['ferrule-operation'])
  }
  async function done(operation: Promise<Operation>): Promise<number> {
    const { number } = await operation
    expect(await rig.ended((await operation).id)).toMatchObject({ state: 'succeeded' })
    return number
  }

  test('records and world as they are: none', async () => {
    expect(await reason()).toBeNull()
  })

  test('whatever brings a VLAN onto a port leaves its number in MAAS first', async () => {
    const { services } = rig.core
    await done(stopInstance(services, admin, 'web'))
    const started = await done(startInstance(services, admin, 'web'))
    expect(await numberInMaas()).toBe(started)
    const attached = await done(attachNetwork(services, admin, 'web', { network: 'green' }))
    expect(await numberInMaas()).toBe(attached)
    await done(detachNetwork(services, admin, 'web', 'green'))
    expect(await reason()).toBeNull()
  })

  test('a number in MAAS that the records have not come to', async () => {
    const [{ id } = { id: '' }] = (await query('select id from host')).rows as { id: string }[]
    const lease = {
      kind: 'host' as const,
      id,
      holder: 'test',
      signal: new AbortController().signal,
      check: async () => undefined,
    }
    const [machine] = await rig.core.services.tools.maas.machines({ tags: ['ferrule-rig'] })
    const number = await numberInMaas()
    const set = (to: number) =>
      rig.core.services.tools.maas.setAnnotations(lease, machine?.systemId ?? '', {
        'ferrule-operation': String(to),
      })
    await set(number + 100)
    expect(await reason()).toMatch(
      new RegExp(`MAAS knows operation ${number + 100} .*ends at \\d+: the database is older`),
    )
    await set(number)
    expect(await reason()).toBeNull()
  })

  test('an unfinished operation whose host is further than its records', async () => {
    const number = await numberInMaas()
    const ledger = (await query('select * from port_ledger')).rows
    const copy = (kind: string) =>
      query(`update operation set ended_at = null, kind = '${kind}' where number = $1`, [number])
    // as after a crash: unfinished, and the ledger knows the VLANs
    await copy('attach')
    expect(await reason()).toBeNull()
    await query('delete from port_ledger')
    expect(await reason()).toMatch(
      /port 1\/2 of switch .* \(r2-h2\) carries VLAN 101, which attach \d+ has not put there/,
    )
    expect(ledger.length).toBeGreaterThan(0)
    await copy('deploy')
    expect(await reason()).toMatch(
      /r2-h2 is Deployed in MAAS by deploy \d+, which has not come to that by the records/,
    )
    await query('update operation set ended_at = now() where number = $1', [number])
    expect(await reason()).toBeNull()
  })

  test('silence of MAAS is no sign of anything: it is said', async () => {
    await rig.lab.faults.get('maas')?.set({ down: 'reset' })
    await expect(recoveryReason(rig.core.services)).rejects.toMatchObject({ code: 'maas-unreachable' })
    await rig.lab.faults.get('maas')?.reset()
  })
})
