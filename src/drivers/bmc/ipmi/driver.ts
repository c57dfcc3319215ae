import { FerruleError } from '../../../domain/errors.ts'
import type { Bmc, BmcDriver, BmcEndpoint, SerialConsole } from '../types.ts'
import { type BmcAddress, parseBmcAddress } from './address.ts'
import { clearBootDevice, readBootDevice, writeBootDevice } from './boot-device.ts'
import { type Channel, type Inquiry, IpmiClient, type Terms } from './client.ts'
import { readCredentials } from './credentials.ts'
import { identify } from './identify.ts'
import { readInventory } from './inventory.ts'
import { type IpmiDriverOptions, withDefaults } from './options.ts'
import { controlOnce, readPower, switchPower } from './power.ts'
import { privilege } from './rakp.ts'
import { type SdrCache, SdrCaches } from './sdr/sdrs.ts'
import { readEventLog } from './sel/event-log.ts'
import { readSensors } from './sensor/sensors.ts'
import { ConsoleDoor } from './sol/open.ts'

/** What is kept of one BMC, whichever handle names it. */
interface Known {
  client: IpmiClient
  door: ConsoleDoor
}

export interface IpmiDriver extends BmcDriver {
  /** Ends every session and refuses new work: for the end of the process. */
  close(): Promise<void>
}

/**
 * IPMI 2.0 over RMCP+ (UDP). All handles that name the same address share one queue and one session, and what its
 * login settled on (cipher suite, privilege) is remembered for as long as the driver lives.
 *
 *     const driver = createIpmiDriver({ requestTimeoutMs: 5000 })
 *     const bmc = driver.open({ address: '10.1.0.11', username: 'ferrule', password })
 *     await bmc.power() // 'on'
 */
export function createIpmiDriver(options: IpmiDriverOptions = {}): IpmiDriver {
  const settings = withDefaults(options)
  const known = new Map<string, Known>()
  const sdrCaches = new SdrCaches()
  let closed = false

  function remember(address: BmcAddress): Known {
    const before = known.get(address.key)
    if (before !== undefined) return before
    const fresh = { client: new IpmiClient(address, settings), door: new ConsoleDoor() }
    known.set(address.key, fresh)
    return fresh
  }

  /** Throws invalid-input for an address, user name, password or K_g that IPMI cannot take. */
  function open(endpoint: BmcEndpoint): Bmc {
    const address = parseBmcAddress(endpoint.address)
    const credentials = readCredentials(endpoint)
    const { client, door } = remember(address)

    function run<T>(work: (channel: Channel) => Promise<T>, terms: Partial<Terms> = {}): Promise<T> {
      if (closed) return Promise.reject(driverClosed(address.key))
      return client.run({ credentials, ...terms }, work)
    }

    async function read<T>(work: (inquiry: Inquiry, sdrs: SdrCache) => Promise<T>): Promise<T> {
      if (closed) throw driverClosed(address.key)
      const sdrs = sdrCaches.of(address.key)
      return client.inquire({ credentials, needs: privilege.user }, (inquiry) => work(inquiry, sdrs))
    }

    async function openConsole({ takeOver }: { takeOver: boolean }): Promise<SerialConsole> {
      if (closed) throw driverClosed(address.key)
      return door.open({ address: address.key, client, terms: { credentials }, settings }, takeOver)
    }

    return {
      address: endpoint.address,
      power: ({ patient = true, keep = false } = {}) => run(readPower, { patient, keep }),
      powerOn: (lease) => run((channel) => switchPower(channel, lease, 'on')),
      powerOff: (lease) => run((channel) => switchPower(channel, lease, 'off')),
      softOff: (lease) => run((channel) => controlOnce(channel, lease, 'softShutdown')),
      powerCycle: (lease) => run((channel) => controlOnce(channel, lease, 'powerCycle')),
      hardReset: (lease) => run((channel) => controlOnce(channel, lease, 'hardReset')),
      bootDevice: () => run(readBootDevice),
      setBootDevice: (lease, device, how) => run((channel) => writeBootDevice(channel, lease, device, how)),
      clearBootDevice: (lease) => run((channel) => clearBootDevice(channel, lease)),
      inventory: { inventory: () => read(readInventory) },
      sensors: {
        sensors: () => read(async (inquiry, sdrs) => readSensors(inquiry, await sdrs.get(inquiry))),
      },
      eventLog: {
        eventLog: ({ limit }) => read((inquiry, sdrs) => readEventLog(inquiry, sdrs, limit)),
      },
      identifyLight: { identify: (seconds) => run((channel) => identify(channel, seconds)) },
      console: { openConsole },
      close: () => client.close(),
    }
  }

  async function close(): Promise<void> {
    closed = true
    await Promise.all([...known.values()].map(({ door }) => door.close()))
    await Promise.all([...known].map(([address, { client }]) => client.shutDown(driverClosed(address))))
    settings.sockets.close()
  }

  return { name: 'ipmi', open, close }
}

function driverClosed(address: string): FerruleError {
  return new FerruleError(
    'cancelled',
    `BMC ${address} was not asked: Ferrule is shutting down.`,
    'Ask again when it runs; operations go on by themselves.',
    { address },
  )
}
