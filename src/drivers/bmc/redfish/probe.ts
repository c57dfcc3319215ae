import { FerruleError } from '../../../domain/errors.ts'
import { parseRedfishAddress } from './address.ts'
import { Connection } from './http.ts'
import { type RedfishDriverOptions, withDefaults } from './options.ts'

/**
 * Is there a Redfish service whose certificate a known authority has signed? Asked without a login. `FerruleError`
 * bmc-untrusted: something speaks TLS there, and nobody has trusted it.
 */
export async function probeRedfish(
  endpoint: { address: string; host?: { name: string } },
  options: RedfishDriverOptions = {},
): Promise<boolean | FerruleError> {
  const address = parseRedfishAddress(endpoint.address)
  const bmc = { address, fingerprint: undefined, host: endpoint.host?.name }
  const connection = new Connection(bmc, withDefaults(options))
  try {
    const answer = await connection.exchange({
      method: 'GET',
      path: '/redfish/v1/',
      headers: { Host: address.authority, Accept: 'application/json', 'OData-Version': '4.0' },
      body: undefined,
      signal: undefined,
    })
    return answer.status === 200 && answer.body.includes('RedfishVersion')
  } catch (error) {
    return error instanceof FerruleError ? error : false
  } finally {
    connection.close()
  }
}
