import { arubaCx } from './aruba-cx.ts'
import { eos, iosxe, nxos } from './cisco-makes.ts'
import { comware } from './comware.ts'
import type { CliConfig, CliPort } from './config.ts'
import { cumulus } from './cumulus.ts'
import type { Dialect } from './dialect.ts'
import { junos } from './junos.ts'
import { CliModel } from './model.ts'
import { os10 } from './os10.ts'
import { sonic } from './sonic.ts'
import { vrp } from './vrp.ts'

/** Every command line that this lab speaks. */
export const dialects: Record<
  'os10' | 'nxos' | 'eos' | 'iosxe' | 'sonic' | 'junos' | 'arubaCx' | 'comware' | 'vrp' | 'cumulus',
  Dialect
> = {
  os10,
  nxos,
  eos,
  iosxe,
  sonic,
  junos,
  arubaCx,
  comware,
  vrp,
  cumulus,
}

/** A switch of this make: three ports, the first two at rest in the PXE VLAN, the third routed. */
export function cliModel(dialect: Dialect, pxeVlan: number, otherVlans: readonly number[] = []): CliModel {
  const atRest = (): CliPort => ({
    layer2: true,
    mode: 'access',
    access: pxeVlan,
    native: dialect.name === 'junos' ? null : 1,
    allowed: new Set(restingList(dialect, pxeVlan)),
    shutdown: false,
    ...dialect.rest?.(pxeVlan),
  })
  const [first, second, third] = dialect.ports
  const config: CliConfig = {
    vlans: new Map(
      [1, pxeVlan, ...otherVlans].map((vlan) => [vlan, dialect.name === 'junos' ? `v${vlan}` : null]),
    ),
    ports: new Map([
      [first, atRest()],
      [second, atRest()],
      [third, { ...atRest(), layer2: false, access: 1 }],
    ]),
  }
  return new CliModel(config, dialect.rule)
}

/** A list that sleeps under an access port is, where nobody wrote one, every VLAN there is. */
function restingList(dialect: Dialect, pxeVlan: number): number[] {
  if (dialect.name === 'junos') return [pxeVlan]
  return dialect.rule === 'native-in-list' ? Array.from({ length: 4094 }, (_, index) => index + 1) : []
}
