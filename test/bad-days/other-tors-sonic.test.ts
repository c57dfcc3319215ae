import { describe, test } from 'vitest'
import { rackForTests, wholeLife } from '../support/tor-life.ts'

describe('a rack with SONiC by RESTCONF and Cisco NX-OS by its command line', () => {
  const rig = rackForTests('sonic', 'nxos')

  test('the life of a server', () => wholeLife(rig()))
})
