import { expect, test } from 'vitest'
import type { HostBmc } from '../domain/host.ts'
import { ipmiBmc } from '../domain/test-support/host-bmc.ts'
import { bmcLines, destroyAtBmc } from './plan-bmc.ts'

const by = (protocol: HostBmc['protocol']) => bmcLines(ipmiBmc('10.0.0.7', { protocol }), destroyAtBmc)

test('the plan says who does what at the BMC', () => {
  expect(by('redfish')).toEqual(['power off, confirmed', 'boot device network (persistent)'])
  expect(by('maas')).toEqual([
    'through MAAS: power off, confirmed',
    'a person: boot device network (persistent)',
  ])
  expect(by('manual')).toEqual([
    'a person: power off, confirmed',
    'a person: boot device network (persistent)',
    'a person: switch on, for the erase',
  ])
})
