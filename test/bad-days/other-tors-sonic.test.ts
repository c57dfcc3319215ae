import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Rig } from '../support/rig.ts'
import { rackOf, wholeLife } from '../support/tor-life.ts'

describe('a rack with SONiC by RESTCONF and Cisco NX-OS by its command line', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await rackOf('sonic', 'nxos')
  })
  afterAll(() => rig?.stop())

  test('the life of a server', () => wholeLife(rig))
})
