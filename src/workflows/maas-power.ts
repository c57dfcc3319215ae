import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { spokenProtocol } from '../domain/host.ts'
import type { MachinePower } from '../maas/types.ts'
import type { Tools } from './tools.ts'

/** How MAAS is to switch a machine that we create there: by the same BMC as we do. */
export async function maasPower(tools: Tools, host: Host): Promise<MachinePower> {
  const { protocol, address, username, system } = host.bmc
  if (protocol === 'manual') return { type: 'manual' }
  if (protocol === 'maas' || address === null) {
    throw new FerruleError(
      'not-found',
      `MAAS has no machine with the MAC ${host.bootMac}, and ${host.name} is to be switched by MAAS`,
      'Enlist the machine in MAAS with its power type first, then add it here.',
      { host: host.name },
    )
  }
  const spoken = spokenProtocol(host.bmc) ?? 'ipmi'
  const { password, kg } = await tools.bmcSecrets(host)
  const login = { type: spoken, address, username, password }
  if (spoken === 'redfish') return { ...login, ...(system === null ? {} : { node: system }) }
  return { ...login, ...(kg === null ? {} : { kg }) }
}
