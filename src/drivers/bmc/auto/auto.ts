import { FerruleError } from '../../../domain/errors.ts'
import type { FoundProtocol } from '../../../domain/host.ts'
import type { Bmc, BmcDriver, BmcEndpoint } from '../types.ts'
import { detectProtocol, type Probes } from './detect.ts'

export interface AutoSettings {
  drivers: Record<FoundProtocol, BmcDriver>
  probes: Probes
  /** Writes down for the host what was found. */
  remember(hostId: string, found: FoundProtocol): Promise<void>
  /** Least time between two detections of a BMC that went silent. Milliseconds. */
  againMs: number
  now(): number
}

export interface AutoBmc {
  open(endpoint: BmcEndpoint, found: FoundProtocol | null): Promise<Bmc>
}

/** Protocol `auto`: what a BMC speaks is found out once, remembered, and found out again when it stops answering. */
export function createAuto(settings: AutoSettings): AutoBmc {
  const underWay = new Map<string, Promise<FoundProtocol>>()
  const lastAgain = new Map<string, number>()

  /** One detection per address at a time, however many ask. */
  function detect(endpoint: BmcEndpoint): Promise<FoundProtocol> {
    const key = JSON.stringify([endpoint.address, endpoint.fingerprint ?? null])
    const known = underWay.get(key)
    if (known) return known
    const detection = (async () => {
      const found = await detectProtocol(endpoint, settings.probes)
      if (endpoint.host) await settings.remember(endpoint.host.id, found)
      return found
    })().finally(() => underWay.delete(key))
    underWay.set(key, detection)
    return detection
  }

  /** Another protocol than the one that went silent; null: there is none, or it was looked for a moment ago. */
  async function another(endpoint: BmcEndpoint, silent: FoundProtocol): Promise<FoundProtocol | null> {
    const now = settings.now()
    if (now - (lastAgain.get(endpoint.address) ?? Number.NEGATIVE_INFINITY) < settings.againMs) return null
    lastAgain.set(endpoint.address, now)
    const found = await detect(endpoint).catch(() => silent)
    return found === silent ? null : found
  }

  return {
    async open(endpoint, found) {
      const first = endpoint.fingerprint !== undefined ? 'redfish' : (found ?? (await detect(endpoint)))
      let spoken = { protocol: first, bmc: settings.drivers[first].open(endpoint) }

      /** Only what reads is asked again by another protocol: a command may have been heard. */
      async function read<T>(ask: (bmc: Bmc) => Promise<T>): Promise<T> {
        try {
          return await ask(spoken.bmc)
        } catch (error) {
          if (!(error instanceof FerruleError) || error.code !== 'bmc-unreachable') throw error
          const protocol = await another(endpoint, spoken.protocol)
          if (protocol === null) throw error
          spoken = { protocol, bmc: settings.drivers[protocol].open(endpoint) }
          return ask(spoken.bmc)
        }
      }

      return {
        ...spoken.bmc,
        power: (how) => read((one) => one.power(how)),
        bootDevice: () => read((one) => one.bootDevice()),
        powerOn: (lease) => spoken.bmc.powerOn(lease),
        powerOff: (lease) => spoken.bmc.powerOff(lease),
        softOff: (lease) => spoken.bmc.softOff(lease),
        powerCycle: (lease) => spoken.bmc.powerCycle(lease),
        setBootDevice: (lease, device, options) => spoken.bmc.setBootDevice(lease, device, options),
        close: () => spoken.bmc.close(),
      }
    },
  }
}
