import type { SwitchDriver } from '../../types.ts'
import { OpenConfigSwitch } from '../device.ts'
import { canonicalPort } from '../ports.ts'
import { netconfFaults } from './target.ts'
import { NetconfTransport } from './transport.ts'

/** Switches that serve OpenConfig's models over NETCONF. */
export const netconf: SwitchDriver = {
  type: 'NETCONF',
  canonicalPort,
  endpointFaults: netconfFaults,
  open: (endpoint, timeouts) => new OpenConfigSwitch(new NetconfTransport(endpoint, timeouts)),
}
