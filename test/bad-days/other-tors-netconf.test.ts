import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { allQuiet, expectOneError, expectResting, parked, portsOf, tryDeploy } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { HOST, learnsItsServer, rackOf, wholeLife } from '../support/tor-life.ts'

describe('a rack with two switches by NETCONF', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await rackOf('netconf', 'netconf')
  })
  afterAll(() => rig?.stop())
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
  })

  test('the life of a server', () => wholeLife(rig))

  test('what a server sends from is learned, and told', () => learnsItsServer(rig))

  test.each([
    ['is another machine', { otherHostKey: true }, /switch-auth/],
    ['refuses', { refuseNext: 50 }, /switch-refused/],
    ['lies about saving', { saveLies: true }, /switch-mismatch/],
  ])('one of them %s: told, and the ports are back', async (_how, dials, code) => {
    await rig.lab.faults.get('switch/r2-tor2')?.set(dials)
    const operation = await tryDeploy(rig, 'web')
    expectOneError(operation, operation.error?.code ?? '', /127\.\d+\.20\.4/)
    expect(operation.error?.code).toMatch(code)
    await rig.lab.faults.get('switch/r2-tor2')?.reset()
    await allQuiet(rig)
    expect(portsOf(rig, HOST)).toEqual(parked(rig, HOST))
    await expectResting(rig, HOST)
  })
})
