import { describe, expect, test } from 'vitest'
import { foreignBmc } from './bmc-networks.ts'

const networks = ['10.0.0.0/16', '192.0.2.16/28', 'fd00:10::/64']

describe('the address of a BMC that somebody wrote in CloudStack', () => {
  test.each([
    ['10.0.255.7'],
    ['10.0.0.7:8443'],
    ['192.0.2.31'],
    ['fd00:10::7'],
    ['[fd00:10::7]:443'],
    // the same network, written as IPv6
    ['::ffff:10.0.0.7'],
  ])('%s may be spoken to', (address) => {
    expect(foreignBmc(address, 'h', networks)).toBeNull()
  })

  test.each([
    ['10.1.0.7'],
    ['192.0.2.32'],
    ['203.0.113.9:623'],
    ['fd00:11::7'],
    ['[fd00:11::7]'],
    ['::ffff:203.0.113.9'],
    // names lead where others want, and so do other ways to write an address
    ['bmc.example'],
    ['localhost'],
    ['10.0.7'],
    ['0x0a.0.0.7'],
    ['10.0.0.07'],
    ['167772167'],
    [''],
    [':623'],
    ['10.0.0.7:623:1'],
    ['[10.0.0.7'],
  ])('%s is refused', (address) => {
    const refusal = foreignBmc(address, 'r1-h1', networks)
    expect(refusal).toMatchObject({ code: 'forbidden', message: expect.stringContaining('r1-h1') })
    // what somebody wrote there is repeated nowhere
    if (address.length > 3) expect(refusal?.message).not.toContain(address)
  })

  test('without networks none may be, and one that nobody reaches is no concern', () => {
    expect(foreignBmc('10.0.0.7', 'h', [])).toMatchObject({
      ...{ code: 'forbidden', remedy: expect.stringContaining('cloudstack.hosts.bmcNetworks') },
    })
    expect(foreignBmc(null, 'h', [])).toBeNull()
  })
})
