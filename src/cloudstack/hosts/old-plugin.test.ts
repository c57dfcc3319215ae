import { expect, test } from 'vitest'
import { cloudHostOf } from './details.ts'
import { inOurDetails } from './old-plugin.ts'

const wire = {
  ...{ id: 'cs-1', name: '10.0.0.7', hypervisor: 'BareMetal', ipaddress: '10.0.0.7', hosttags: 'gpu' },
  details: { hostmac: '52:54:00:AA:BB:01', cpunumber: '16', cpuspeed: '2400', memory: '65536' },
}

test("a host of the old bare-metal plugin, in our words: CloudStack shows nobody its BMC's user and password", () => {
  expect(cloudHostOf(inOurDetails(wire, 'ferrule'))).toEqual({
    ...{ id: 'cs-1', name: 'bmc-10-0-0-7', isOwn: false, bootMac: '52:54:00:aa:bb:01' },
    bmc: { address: '10.0.0.7', username: 'ferrule', password: '10.0.0.7', protocol: 'ipmi' },
    ...{ cpuCount: 16, cpuSpeedMhz: 2400, memoryMib: 65_536, architecture: 'amd64', tags: ['gpu'] },
  })
})

test('a MAC that is none is told; a host without one stands for nothing of ours', () => {
  const of = (details: Record<string, string>) => cloudHostOf(inOurDetails({ ...wire, details }, 'ferrule'))
  expect(of({ ...wire.details, hostmac: 'eth0' })).toMatchObject({
    message: expect.stringContaining('is no MAC'),
  })
  expect(of({})).toBeNull()
})

test("an extension's own host is left as it is", () => {
  const own = { id: 'cs-2', name: 'r1-h1', hypervisor: 'External', details: { 'External:mac': 'x' } }
  expect(inOurDetails(own, 'ferrule')).toBe(own)
})
