import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { applyRack } from '../../src/services/racks.ts'
import { apart } from '../../src/store/database.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** More than twice as many as the daemon has connections to its database. */
const CALLERS = 70

/** A cloud that comes back after a power cut asks for everything at once. */
describe('more calls at once than there are connections to the database', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'] })
    await furnish(rig)
  }, 60_000)
  afterAll(() => rig?.stop())

  const services = () => rig.core.services
  const all = <T>(call: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: CALLERS }, (_, n) => call(n)))

  test('deployments: each call is answered, and each operation ends', async () => {
    const begun = await all((n) =>
      deployInstance(services(), admin, {
        ...{ name: `web${n}`, template: 'jammy', offering: 'large', nics: [{ network: 'blue' }] },
      }),
    )
    // no host was added: none fits
    for (const { operation } of begun)
      expect(await rig.ended(operation.id)).toMatchObject({ state: 'undone', error: { code: 'no-host' } })
  }, 60_000)

  test('rack files: each is refused for switches that another one has', async () => {
    const file = JSON.stringify(rackFile(rig.lab.plan))
    const refused = await all((n) =>
      applyRack(services(), admin, `other${n}`, file).catch((error: unknown) => error),
    )
    for (const error of refused) expect(error).toMatchObject({ code: 'conflict' })
  }, 60_000)

  test('inside of a transaction a second connection is refused, and not waited for', async () => {
    const { db } = services().tools
    const second = 'inside of a transaction another connection is asked for'
    await expect(db.transaction(() => db.query('select 1'))).rejects.toThrow(second)
    await expect(db.transaction(() => db.transaction(async () => 1))).rejects.toThrow(second)
    expect(await db.transaction(async () => apart(() => db.query('select 1')))).toMatchObject({ rowCount: 1 })
    // what a transaction has begun may go on after its end
    const later = await db.transaction(async (client) => {
      const ended = client.query('select 1').then(() => new Promise((resolve) => setTimeout(resolve, 20)))
      return { query: ended.then(() => db.query('select 1')) }
    })
    expect(await later.query).toMatchObject({ rowCount: 1 })
  })
})
