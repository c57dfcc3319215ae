import { FerruleError } from '../../../domain/errors.ts'
import type { FoundProtocol } from '../../../domain/host.ts'
import type { BmcEndpoint } from '../types.ts'

/** What answers at an address, asked without a login. */
export interface Probes {
  ipmi(endpoint: BmcEndpoint): Promise<boolean>
  /** A bmc-untrusted error: TLS is spoken there, with a certificate that nobody has trusted. */
  redfish(endpoint: BmcEndpoint): Promise<boolean | FerruleError>
}

/**
 * Redfish where its certificate is trusted, by a person or by a known authority; else IPMI. A host whose certificate a
 * person has trusted is never asked by IPMI: else whoever cuts its HTTPS would be told a hash of its password.
 *
 * @throws bmc-untrusted if there is nothing but Redfish, and not trusted; bmc-unreachable
 */
export async function detectProtocol(endpoint: BmcEndpoint, probes: Probes): Promise<FoundProtocol> {
  if (endpoint.fingerprint !== undefined) return 'redfish'
  const [ipmi, redfish] = await Promise.all([probes.ipmi(endpoint), probes.redfish(endpoint)])
  if (redfish === true) return 'redfish'
  if (ipmi) return 'ipmi'
  if (redfish instanceof FerruleError) throw redfish
  throw new FerruleError(
    'bmc-unreachable',
    `Nothing answers at ${endpoint.address}: neither IPMI (UDP) nor Redfish (TCP).`,
    'Check that the BMC has power, that its address is right, and that UDP 623 or TCP 443 passes.',
    { address: endpoint.address },
  )
}
