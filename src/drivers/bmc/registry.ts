import type { BmcProtocol, FoundProtocol } from '../../domain/host.ts'
import { createAuto } from './auto/auto.ts'
import { speaksIpmi } from './auto/ipmi-probe.ts'
import { consoleAt } from './console-at.ts'
import { parseBmcAddress } from './ipmi/address.ts'
import { createIpmiDriver } from './ipmi/driver.ts'
import type { IpmiDriverOptions } from './ipmi/options.ts'
import { createMaasDriver, type MaasPower } from './maas/driver.ts'
import { createManualDriver } from './manual/driver.ts'
import type { PersonSettings } from './person/desk.ts'
import { createRedfishDriver } from './redfish/driver.ts'
import type { RedfishDriverOptions } from './redfish/options.ts'
import { probeRedfish } from './redfish/probe.ts'
import { createSshConsoles } from './ssh/consoles.ts'
import type { SshConsoleOptions } from './ssh/options.ts'
import type { Bmc, BmcDriver, BmcEndpoint } from './types.ts'

export interface BmcRegistryOptions {
  ipmi: IpmiDriverOptions
  redfish: RedfishDriverOptions
  /** For serial consoles. */
  ssh?: SshConsoleOptions
  maas: MaasPower
  person: PersonSettings
  /** Writes down for a host of protocol `auto` what its BMC was found to speak. */
  remember(hostId: string, found: FoundProtocol): Promise<void>
  /** How long a probe waits for an IPMI answer. Milliseconds. */
  probeMs: number
}

export interface BmcRegistry {
  /** Every way by which Ferrule reaches a BMC, by its name in the host's record. */
  readonly drivers: ReadonlyMap<Exclude<BmcProtocol, 'auto'>, BmcDriver>
  /** `found`: what `auto` found out earlier. */
  open(endpoint: BmcEndpoint, protocol: BmcProtocol, found: FoundProtocol | null): Promise<Bmc>
  /** Ends every session and refuses new work: for the end of the process. */
  close(): Promise<void>
}

/** A BMC that went silent is not looked at with other protocols more often than this. Milliseconds. */
const againMs = 300_000

export function createBmcRegistry(options: BmcRegistryOptions): BmcRegistry {
  const ipmi = createIpmiDriver(options.ipmi)
  const ssh = createSshConsoles(options.ssh)
  const redfish = createRedfishDriver({ ...options.redfish, openConsole: consoleAt({ ipmi, ssh }) })
  const maas = createMaasDriver(options.maas, options.person)
  const manual = createManualDriver(options.person)
  const drivers = new Map<Exclude<BmcProtocol, 'auto'>, BmcDriver>([
    ['ipmi', ipmi],
    ['redfish', redfish],
    ['maas', maas],
    ['manual', manual],
  ])
  const auto = createAuto({
    drivers: { ipmi, redfish },
    probes: {
      ipmi: ({ address }) => speaksIpmi(parseBmcAddress(address), options.probeMs),
      redfish: (endpoint) => probeRedfish(endpoint, options.redfish),
    },
    remember: options.remember,
    againMs,
    now: options.person.now,
  })

  return {
    drivers,
    async open(endpoint, protocol, found) {
      if (protocol === 'auto') return auto.open(endpoint, found)
      // Exhaustive by type: the map above holds every protocol.
      return (drivers.get(protocol) as BmcDriver).open(endpoint)
    },
    async close() {
      await Promise.all([ssh.close(), ...[...drivers.values()].map((driver) => driver.close?.())])
    },
  }
}
