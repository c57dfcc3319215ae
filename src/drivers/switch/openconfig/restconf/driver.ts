import { type HttpFamily, targetFaults } from '../../https/target.ts'
import type { SwitchDriver } from '../../types.ts'
import { OpenConfigSwitch } from '../device.ts'
import { canonicalPort } from '../ports.ts'
import { RestconfTransport } from './transport.ts'

/** mgmt-framework answers without TLS nowhere. */
const family: HttpFamily = { httpsPort: 443, httpPort: null }

/** SONiC and Dell Enterprise SONiC over RESTCONF. */
export const restconf: SwitchDriver = {
  type: 'RESTCONF',
  canonicalPort,
  endpointFaults: (endpoint) => targetFaults(endpoint, family),
  open: (endpoint, timeouts) => new OpenConfigSwitch(new RestconfTransport(endpoint, family, timeouts)),
}
