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
  const [first, second, third] = dialect.ports
  const model = rackModel(dialect, { hosts: [first, second], unused: [third], pxeVlan, vlans: otherVlans })
  const { running } = model
  const routed = running.ports.get(third)
  if (routed) running.ports.set(third, { ...routed, layer2: false })
  return new CliModel(running, dialect.rule)
}

/** A switch of this make in a rack: ports of hosts rest in the PXE VLAN, unused ones are as from the factory. */
export function rackModel(
  dialect: Dialect,
  setup: {
    hosts: readonly string[]
    unused: readonly string[]
    pxeVlan: number
    vlans: readonly number[]
  },
): CliModel {
  const { hosts, unused, pxeVlan, vlans } = setup
  const atRest = (): CliPort => ({
    layer2: true,
    mode: 'access',
    access: pxeVlan,
    native: dialect.name === 'junos' ? null : 1,
    allowed: new Set(restingList(dialect, pxeVlan)),
    shutdown: false,
    ...dialect.rest?.(pxeVlan),
  })
  const config: CliConfig = {
    vlans: new Map(
      [1, pxeVlan, ...vlans].map((vlan) => [vlan, dialect.name === 'junos' ? `v${vlan}` : null]),
    ),
    ports: new Map([
      ...hosts.map((name) => [name, atRest()] as const),
      ...unused.map((name) => [name, { ...atRest(), access: 1 }] as const),
    ]),
  }
  return new CliModel(config, dialect.rule)
}

/** A list that sleeps under an access port is, where nobody wrote one, every VLAN there is. */
function restingList(dialect: Dialect, pxeVlan: number): number[] {
  if (dialect.name === 'junos') return [pxeVlan]
  return dialect.rule === 'native-in-list' ? Array.from({ length: 4094 }, (_, index) => index + 1) : []
}
