import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { allQuiet, expectOneError, expectResting, parked, portsOf, tryDeploy } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { HOST, rackOf, wholeLife } from '../support/tor-life.ts'

describe('a rack with Arista EOS by its API and Dell OS10 by its command line', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await rackOf('eos', 'os10')
  })
  afterAll(() => rig?.stop())
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
  })

  test('the life of a server', () => wholeLife(rig))

  test.each([
    ['r2-tor1', 'is away', { down: true }, /switch-unreachable/],
    ['r2-tor1', 'says OK and does nothing', { okButNothing: 50 }, /switch-(refused|mismatch)/],
    ['r2-tor2', 'lies about saving', { saveLies: true }, /switch-(refused|mismatch)/],
  ])('%s %s: told, and the ports are back', async (name, _how, dials, code) => {
    await rig.lab.faults.get(`switch/${name}`)?.set(dials)
    const operation = await tryDeploy(rig, 'web')
    expectOneError(operation, operation.error?.code ?? '', /127\.\d+\.20\.[34]/)
    expect(operation.error?.code).toMatch(code)
    await rig.lab.faults.get(`switch/${name}`)?.reset()
    await allQuiet(rig)
    expect(portsOf(rig, HOST)).toEqual(parked(rig, HOST))
    await expectResting(rig, HOST)
  })
})
