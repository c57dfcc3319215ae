import { expect, test } from 'vitest'
import type { HostBmc } from './host.ts'
import { spokenProtocol } from './host.ts'
import { ipmiBmc } from './test-support/host-bmc.ts'

test.each<[Partial<HostBmc>, ReturnType<typeof spokenProtocol>]>([
  [{ protocol: 'ipmi' }, 'ipmi'],
  [{ protocol: 'redfish' }, 'redfish'],
  [{ protocol: 'auto' }, null],
  [{ protocol: 'auto', found: 'ipmi' }, 'ipmi'],
  [{ protocol: 'auto', fingerprint: 'ab'.repeat(32) }, 'redfish'],
  [{ protocol: 'auto', found: 'ipmi', fingerprint: 'ab'.repeat(32) }, 'redfish'],
  [{ protocol: 'maas' }, null],
  [{ protocol: 'manual' }, null],
])('what is spoken to the BMC of %j: %s', (bmc, spoken) => {
  expect(spokenProtocol(ipmiBmc('10.0.0.7', bmc))).toBe(spoken)
})
