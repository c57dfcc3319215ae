import { describe, expect, test } from 'vitest'
import { createNetwork } from '../../src/services/catalogue.ts'
import { destroyInstance } from '../../src/services/instances.ts'
import { expectOneError, portsOf, tryDeploy } from '../support/bad-days.ts'
import { admin } from '../support/rig.ts'
import { HOST, rackForTests, restsAgain } from '../support/tor-life.ts'

describe('a rack with Arista EOS and Dell OS10 by their command lines', () => {
  const rig = rackForTests('eos-cli', 'os10')

  /**
   * Each deployment brings a VLAN that the switch does not have. Without it there is not always a third line: where one
   * was refused before, OS10 keeps a port in trunk mode that carries what a parked one does, and the next deployment has
   * no mode to change.
   */
  let vlan = 200

  test.each(
    ['r2-tor1', 'r2-tor2'].flatMap((name) => [
      { name, how: 'drops the session after each line', dials: { halfApply: 50 } },
      { name, how: 'drops the session once, after a line', dials: { halfApply: 1 } },
      { name, how: 'refuses each second line', dials: { halfApply: 50, halfRefuses: true } },
      { name, how: 'drops the session after each second line', dials: { halfApply: 50, halfLines: 2 } },
      { name, how: 'refuses each third line', dials: { halfApply: 50, halfLines: 2, halfRefuses: true } },
    ]),
  )('$name $how: mended or told, and the ports are back in the end', async ({ name, dials }) => {
    const target = rig().lab.faults.get(`switch/${name}`)
    vlan += 1
    await createNetwork(rig().core.services, { name: `new-${vlan}`, kind: 'isolated', vlan })
    await target?.set(dials)
    const operation = await tryDeploy(rig(), 'web', { networks: ['blue', `new-${vlan}`] })
    expect(target?.get().halfApply).toBeLessThan(dials.halfApply)
    await target?.reset()
    if (operation.state === 'succeeded') {
      expect(portsOf(rig(), HOST)).toEqual(Array(2).fill({ untagged: 101, tagged: [vlan] }))
      const { operation: destroying } = await destroyInstance(rig().core.services, admin, 'web')
      expect(await rig().ended(destroying?.id ?? '')).toMatchObject({ state: 'succeeded', error: null })
    } else {
      expectOneError(operation, operation.error?.code ?? '', /127\.\d+\.20\.[34]/)
      expect(operation.error?.code).toMatch(/^switch-(refused|mismatch|unreachable)$/)
    }
    await restsAgain(rig())
  })
})
