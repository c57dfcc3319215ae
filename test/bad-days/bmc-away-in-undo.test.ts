import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deployInstance } from '../../src/services/deploy.ts'
import { hostView } from '../../src/services/hosts.ts'
import { destroyInstance, findInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import { cancelOperation } from '../../src/services/operations.ts'
import { why } from '../../src/services/why.ts'
import { expectResting, parked, portsOf, tryDeploy } from '../support/bad-days.ts'
import { Gate } from '../support/gate.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

/**
 * A BMC that dies under an operation which has to be taken back: its host may be on, and must not stay in a tenant's
 * VLAN. Two hosts side by side, for a BMC that is away is mostly waited for.
 */
describe('the BMC goes away, and what was begun has to be undone', () => {
  const gate = new Gate()
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000, interference: gate })
    await furnish(rig)
    for (const name of ['r2-h1', 'r2-h2'])
      expect(await rig.enlist(name, { clean: true })).toMatchObject({ state: 'succeeded' })
    const db = { offering: 'small', networks: ['green'] }
    expect(await tryDeploy(rig, 'db', db)).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())

  const bmc = async (host: string, unreachable: boolean) =>
    rig.lab.faults.get(`bmc/${host}`)?.set({ unreachable })
  const rowsOf = async (table: 'hold' | 'port_ledger', host: string) => {
    const { id } = await hostView(rig.core.services, host)
    return (await rig.core.services.tools.db.query(`select * from ${table} where host_id = $1`, [id])).rows
  }
  const succeeds = async ({ id }: { id: string }) =>
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded' })

  interface Death {
    kind: string
    step: string
    host: string
    vlan: number
    /** What a person does meanwhile. */
    meanwhile?: (id: string) => Promise<unknown>
  }

  /** The operation comes to the step with its host's ports in the VLAN, and there the BMC dies. */
  async function diesAt({ kind, step, host, vlan, meanwhile }: Death, begin: () => Promise<{ id: string }>) {
    const held = gate.hold(kind, step)
    const { id } = await begin()
    await held.reached
    expect(portsOf(rig, host)).toEqual(parked(rig, host, vlan))
    expect(await rowsOf('port_ledger', host)).not.toEqual([])
    await bmc(host, true)
    await meanwhile?.(id)
    held.release()
    return id
  }

  /** So that nobody has to wait until the step gives up by itself. */
  const meanwhile = (id: string) => cancelOperation(rig.core.services, admin, id)

  /** In no tenant's VLAN, as nobody knows whether it is on; and that is told. */
  async function expectCutOff(host: string, power: 'on' | 'off'): Promise<void> {
    const told = async () => (await hostView(rig.core.services, host)).attention?.code === 'not-off'
    await waitUntil(`${host} is cut off`, told, 120_000)
    expect(portsOf(rig, host)).toEqual(parked(rig, host, 999))
    // verified and saved: another network may have the VLAN
    expect(await rowsOf('port_ledger', host)).toEqual([])
    expect(rig.lab.world.machine(host).power()).toBe(power)
    const { attention } = await hostView(rig.core.services, host)
    expect(attention?.message).toMatch(new RegExp(`${host} cannot be brought to rest: .*BMC`))
    expect((await why(rig.core.services, 'host', host)).blocks).toMatch(/BMC/)
  }

  /** It goes on by itself, and nobody has to be told anything any more. */
  async function endsOnceItIsBack(host: string, id: string, state: string): Promise<void> {
    await bmc(host, false)
    const free = async () => (await rowsOf('hold', host)).length === 0
    await waitUntil(`nothing holds ${host}`, free, 120_000)
    expect(await rig.ended(id)).toMatchObject({ state, parked: null })
    expect(rig.lab.world.machine(host).power()).toBe('off')
    expect(portsOf(rig, host)).toEqual(parked(rig, host))
    expect(await hostView(rig.core.services, host)).toMatchObject({ attention: null })
  }

  test.concurrent('a deployment whose server runs already: cut off, undone, erased', async () => {
    const { services } = rig.core
    const request = { name: 'web', template: 'jammy', offering: 'large', nics: [{ network: 'blue' }] }
    const begin = async () => (await deployInstance(services, admin, request)).operation
    const id = await diesAt({ kind: 'deploy', step: 'confirm', host: 'r2-h1', vlan: 101, meanwhile }, begin)
    await expectCutOff('r2-h1', 'on')
    await endsOnceItIsBack('r2-h1', id, 'cancelled')
    expect(await findInstance(services, 'web')).toMatchObject({ state: 'failed' })
    await expectResting(rig, 'r2-h1')
  }, 240_000)

  test.concurrent('a start, and then a destroy of what is off already', async () => {
    const { services } = rig.core
    await succeeds(await stopInstance(services, admin, 'db'))

    const start = { kind: 'start', step: 'confirm', host: 'r2-h2', vlan: 102, meanwhile }
    const starting = await diesAt(start, () => startInstance(services, admin, 'db'))
    await expectCutOff('r2-h2', 'on')
    await endsOnceItIsBack('r2-h2', starting, 'cancelled')
    expect(await findInstance(services, 'db')).toMatchObject({ state: 'stopped' })
    await succeeds(await startInstance(services, admin, 'db'))

    const begin = async () => {
      const { operation } = await destroyInstance(services, admin, 'db')
      if (!operation) throw new Error('there is something to destroy')
      return operation
    }
    const destroy = { kind: 'destroy', step: 'boot-network', host: 'r2-h2', vlan: 102 }
    const destroying = await diesAt(destroy, begin)
    await expectCutOff('r2-h2', 'off')
    await endsOnceItIsBack('r2-h2', destroying, 'succeeded')
    await expectResting(rig, 'r2-h2')
  }, 240_000)
})
