import { describe, expect, test } from 'vitest'
import { cloudHostOf } from './details.ts'

const details = {
  'External:mac': '52-54-00-AA-BB-01',
  'External:bmc_address': '10.0.0.7:623',
  'External:bmc_username': 'admin',
  'External:bmc_password': 'r1-h1',
  'External:cpu': '16',
  'External:memory': '65536',
}
const wire = (more: Record<string, unknown> = {}, name = 'r1-h1') => ({
  ...{ id: 'cs', name, hosttags: 'gpu, "x;y" ,fast' },
  details: { ...details, ...more },
})

describe('a host of CloudStack that stands for a machine', () => {
  test('its details, with their prefix and without', () => {
    const host = {
      ...{ id: 'cs', name: 'r1-h1', isOwn: true, bootMac: '52:54:00:aa:bb:01', cpuCount: 16, cpuSpeedMhz: 0 },
      ...{ memoryMib: 65_536, architecture: 'amd64', tags: ['gpu', 'fast'] },
      bmc: { address: '10.0.0.7', username: 'admin', password: 'r1-h1', protocol: undefined },
    }
    expect(cloudHostOf(wire())).toEqual(host)
    const bare = Object.fromEntries(
      Object.entries(details).map(([key, value]) => [key.replace('External:', ''), value]),
    )
    expect(cloudHostOf({ ...wire(), details: bare })).toEqual(host)
  })

  test('one that is here already needs no more than its MAC', () => {
    expect(cloudHostOf({ id: 'cs', name: 'r1-h1', details: { mac: '52:54:00:aa:bb:01' } })).toMatchObject({
      ...{ bootMac: '52:54:00:aa:bb:01', cpuCount: 0, memoryMib: 0 },
      bmc: { address: null, password: null },
    })
  })

  test('a pool, and a host of something else, are none', () => {
    expect(cloudHostOf({ id: 'cs', name: 'pool', details: { 'External:pool': 'ferrule' } })).toBeNull()
    expect(cloudHostOf(wire({ 'External:pool': 'ferrule' }))).toBeNull()
    expect(cloudHostOf({ id: 'cs', name: 'proxmox', details: {} })).toBeNull()
    expect(cloudHostOf({ id: 'cs', name: 'proxmox' })).toBeNull()
  })

  test.each([
    [{ 'External:mac': 'eno1' }, 'detail mac of host r1-h1 in CloudStack is no MAC address'],
    [{ 'External:cpu': 'many' }, 'detail cpu of host r1-h1 in CloudStack is no number'],
    [{ 'External:memory': '-1' }, 'detail memory of host r1-h1 in CloudStack must be more than 0'],
    [
      { 'External:bmc_address': 'http://x/$(id)' },
      'detail bmc_address of host r1-h1 in CloudStack is no address',
    ],
    [{ 'External:bmc_protocol': 'telnet' }, 'detail bmc_protocol of host r1-h1 in CloudStack is unknown'],
    [{ 'External:bmc_username': 7 }, 'detail bmc_username of host r1-h1 in CloudStack must be a text'],
  ])('%j is named', (more, message) => {
    expect(cloudHostOf(wire(more))).toMatchObject({ message })
  })

  test('a name that no host here can have', () => {
    expect(cloudHostOf(wire({}, 'a/b; rm'))).toMatchObject({
      message: expect.not.stringContaining('rm'),
    })
  })
})
