import type { Pairs } from './exchange.ts'
import type { MachinePower } from './types.ts'

/** A machine's power type and parameters as MAAS's form wants them (provisioningserver/drivers/power). */
export function powerForm(power: MachinePower): Pairs {
  if (power.type === 'manual') return [['power_type', 'manual']]
  const parameter = (name: string, value: string) => [`power_parameters_${name}`, value] as const
  return [
    ['power_type', power.type],
    parameter('power_address', power.address),
    parameter('power_user', power.username),
    parameter('power_pass', power.password),
    ...(power.type === 'ipmi'
      ? [
          parameter('power_driver', 'LAN_2_0'),
          parameter('power_boot_type', 'auto'),
          ...(power.kg === undefined ? [] : [parameter('k_g', power.kg)]),
        ]
      : power.node === undefined
        ? []
        : [parameter('node_id', power.node)]),
  ]
}
