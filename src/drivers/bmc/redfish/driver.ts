import { FerruleError } from '../../../domain/errors.ts'
import type { Bmc, BmcDriver, BmcEndpoint } from '../types.ts'
import { parseRedfishAddress } from './address.ts'
import { readBootDevice, writeBootDevice } from './boot-device.ts'
import { RedfishClient } from './client.ts'
import { readEventLog } from './event-log.ts'
import { switchLight } from './identify.ts'
import { readInventory } from './inventory.ts'
import { type RedfishDriverOptions, withDefaults } from './options.ts'
import { readPower } from './power.ts'
import { readSensors } from './sensors.ts'
import { findConsole } from './serial-console.ts'
import { powerCycle, softOff, switchPower } from './switch-power.ts'
import { RedfishSystem } from './system.ts'

export interface RedfishDriver extends BmcDriver {
  /** Ends every session and refuses new work: for the end of the process. */
  close(): Promise<void>
}

interface Known {
  /** Whatever makes it another connection: address, login, certificate. */
  identity: string
  client: RedfishClient
  systems: Map<string, RedfishSystem>
}

/**
 * Redfish (DSP0266) over HTTPS. All handles that name the same address share one queue and one session, and what was
 * found out about the BMC is remembered for as long as the driver lives.
 *
 *     const driver = createRedfishDriver({ sessions })
 *     const bmc = driver.open({ address: '10.1.0.11', username: 'ferrule', password, fingerprint })
 *     await bmc.power() // 'on'
 */
export function createRedfishDriver(options: RedfishDriverOptions = {}): RedfishDriver {
  const settings = withDefaults(options)
  const { openConsole } = options
  const known = new Map<string, Known>()
  const lights = new Map<string, () => void>()
  let closed = false

  /** Throws invalid-input for an address that cannot be one. */
  function open(endpoint: BmcEndpoint): Bmc {
    const address = parseRedfishAddress(endpoint.address)

    async function run<T>(work: (system: RedfishSystem) => Promise<T>): Promise<T> {
      if (closed) throw driverClosed(address.key)
      return work(systemOf(endpoint))
    }

    async function identify(seconds: number | 'forever'): Promise<void> {
      // Of each system: a chassis has a light for every one of them.
      const light = JSON.stringify([address.key, endpoint.system ?? null])
      lights.get(light)?.()
      lights.delete(light)
      await run((system) => switchLight(system, seconds !== 0))
      if (seconds === 'forever' || seconds === 0) return
      // Redfish has no light for a time; if this process ends before, the light stays on. A person's seconds, also in a lab.
      const off = () => void run((system) => switchLight(system, false)).catch(() => undefined)
      lights.set(light, settings.clock.after(seconds * 1000, off))
    }

    return {
      address: endpoint.address,
      power: () => run(readPower),
      powerOn: (lease) => run((system) => switchPower(system, lease, 'on')),
      powerOff: (lease) => run((system) => switchPower(system, lease, 'off')),
      softOff: (lease) => run((system) => softOff(system, lease)),
      powerCycle: (lease) => run((system) => powerCycle(system, lease)),
      bootDevice: () => run(readBootDevice),
      setBootDevice: (lease, device, how) => run((system) => writeBootDevice(system, lease, device, how)),
      inventory: { inventory: () => run(readInventory) },
      sensors: { sensors: () => run(readSensors) },
      eventLog: { eventLog: ({ limit }) => run((system) => readEventLog(system, limit)) },
      identifyLight: { identify },
      ...(openConsole && {
        console: {
          openConsole: async ({ takeOver }) => {
            const place = await run((system) => findConsole(system, endpoint.sshFingerprint !== undefined))
            return openConsole(endpoint, place, { takeOver })
          },
        },
      }),
      close: async () => known.get(address.key)?.client.close(),
    }
  }

  function systemOf(endpoint: BmcEndpoint): RedfishSystem {
    const address = parseRedfishAddress(endpoint.address)
    const identity = JSON.stringify([endpoint.username, endpoint.password, endpoint.fingerprint ?? null])
    let one = known.get(address.key)
    if (one?.identity !== identity) {
      void one?.client.close()
      const bmc = { address, fingerprint: endpoint.fingerprint, host: endpoint.host?.name }
      one = { identity, client: new RedfishClient(bmc, endpoint, settings), systems: new Map() }
      known.set(address.key, one)
    }
    const id = endpoint.system
    const system =
      one.systems.get(id ?? '') ?? new RedfishSystem(one.client, { id, host: endpoint.host?.name })
    one.systems.set(id ?? '', system)
    return system
  }

  async function close(): Promise<void> {
    closed = true
    for (const cancel of lights.values()) cancel()
    await Promise.all([...known.values()].map(({ client }) => client.close()))
  }

  return { name: 'redfish', open, close }
}

function driverClosed(address: string): FerruleError {
  return new FerruleError(
    'cancelled',
    `BMC ${address} was not asked: Ferrule is shutting down.`,
    'Ask again when it runs; operations go on by themselves.',
    { address },
  )
}
