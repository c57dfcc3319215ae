import { type HttpFamily, targetFaults } from '../../https/target.ts'
import type { SwitchDriver } from '../../types.ts'
import { OpenConfigSwitch } from '../device.ts'
import { canonicalPort } from '../ports.ts'
import { GnmiTransport } from './transport.ts'

/** IANA's port of gNMI. Never in clear text: each call has the password. */
const family: HttpFamily = { httpsPort: 9339, httpPort: null }

/** Switches that serve OpenConfig's models over gNMI. */
export const gnmi: SwitchDriver = {
  type: 'gNMI',
  canonicalPort,
  endpointFaults: (endpoint) => targetFaults(endpoint, family),
  open: (endpoint, timeouts) => new OpenConfigSwitch(new GnmiTransport(endpoint, family, timeouts)),
}
