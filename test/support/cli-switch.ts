import type { Membership } from '../../lab/switch/ssh/config.ts'
import { cliModel, dialects } from '../../lab/switch/ssh/makes.ts'
import { type CliSwitch, startCliSwitch } from '../../lab/switch/ssh/server.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { switchDriver } from '../../src/drivers/switch/registry.ts'
import type { PortState, SwitchEndpoint, SwitchFence, SwitchPorts } from '../../src/drivers/switch/types.ts'

export type Make = keyof typeof dialects

/** The make of the lab's switch that each type of the rack file is for. */
export const makes: readonly [type: string, make: Make][] = [
  ['OS10-CLI', 'os10'],
  ['NX-OS-CLI', 'nxos'],
  ['EOS-CLI', 'eos'],
  ['IOS-XE-CLI', 'iosxe'],
  ['SONiC-CLI', 'sonic'],
  ['Junos-CLI', 'junos'],
  ['AOS-CX-CLI', 'arubaCx'],
  ['Comware-CLI', 'comware'],
  ['VRP-CLI', 'vrp'],
  ['NVUE-CLI', 'cumulus'],
]

export const pxeVlan = 10
export const quarantineVlan = 999

const user = { name: 'ferrule', password: 'correct horse' }

export interface DrivenSwitch {
  lab: CliSwitch
  ports: SwitchPorts
  /** Two that rest in the PXE VLAN, and a routed one. */
  names: readonly [string, string, string]
  membership(port: string): Membership
  stop(): Promise<void>
}

/** A switch of the lab with the product's engine and driver before it. */
export async function drivenSwitch(
  type: string,
  make: Make,
  options: {
    endpoint?: Partial<SwitchEndpoint>
    fence?: Partial<SwitchFence>
    timeouts?: { connectMs?: number; requestMs?: number }
  } = {},
): Promise<DrivenSwitch> {
  const dialect = dialects[make]
  const lab = await startCliSwitch({
    ...{ address: '127.0.0.1', port: 0, hostname: 'tor1', user, dialect },
    model: cliModel(dialect, pxeVlan, [quarantineVlan]),
  })
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: switchDriver(type),
    endpoint: {
      address: `127.0.0.1:${lab.port}`,
      username: user.name,
      password: user.password,
      fingerprint: lab.fingerprint,
      ...options.endpoint,
    },
    fence: {
      ports: new Set([...dialect.ports, unknownPort[make]]),
      vlanRange: { from: 100, to: 4094 },
      pxeVlan,
      quarantineVlan,
      ...options.fence,
    },
    timeouts: { coalesceMs: 1, readRetryMs: [1, 1], connectMs: 3_000, requestMs: 3_000, ...options.timeouts },
  })
  return {
    lab,
    ports,
    names: dialect.ports,
    membership: (port) => lab.model.membership(port),
    stop: async () => {
      await ports.close()
      await lab.stop()
    },
  }
}

/** A name that the family knows, of a port that the switch does not have. */
export const unknownPort: Record<Make, string> = {
  os10: 'ethernet1/1/54',
  nxos: 'Ethernet1/54',
  eos: 'Ethernet54',
  iosxe: 'GigabitEthernet1/0/54',
  sonic: 'Ethernet216',
  junos: 'xe-0/0/54',
  arubaCx: '1/1/54',
  comware: 'Ten-GigabitEthernet1/0/54',
  vrp: '10GE1/0/54',
  cumulus: 'swp54',
}

export function carriedBy({ untagged, tagged }: Membership | PortState): number[] {
  return untagged === null ? [...tagged] : [untagged, ...tagged]
}

/**
 * What each membership since `from` lets pass is a part of what the port was to carry before or a part of what it was to
 * carry after: no third VLAN, and never VLANs of both that are not common to them.
 */
export function leaks(
  { lab }: DrivenSwitch,
  from: number,
  port: string,
  before: Membership | PortState,
  after: Membership | PortState,
): string[] {
  const part = (of: readonly number[], whole: readonly number[]) => of.every((vlan) => whole.includes(vlan))
  return lab.model.history
    .slice(from)
    .filter((entry) => entry.port === port)
    .filter(({ membership }) => {
      const carried = carriedBy(membership)
      return !part(carried, carriedBy(before)) && !part(carried, carriedBy(after))
    })
    .map(({ membership }) => JSON.stringify(membership))
}
