import { FerruleError } from '../../../domain/errors.ts'
import type { Bmc, BmcDriver, BmcEndpoint } from '../types.ts'
import { parseBmcAddress } from './address.ts'
import { readBootDevice, writeBootDevice } from './boot-device.ts'
import { type Channel, IpmiClient, type Terms } from './client.ts'
import { readCredentials } from './credentials.ts'
import { type IpmiDriverOptions, withDefaults } from './options.ts'
import { controlOnce, readPower, switchPower } from './power.ts'

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
  const clients = new Map<string, IpmiClient>()
  let closed = false

  /** Throws invalid-input for an address, user name, password or K_g that IPMI cannot take. */
  function open(endpoint: BmcEndpoint): Bmc {
    const address = parseBmcAddress(endpoint.address)
    const credentials = readCredentials(endpoint)
    const client = clients.get(address.key) ?? new IpmiClient(address, settings)
    clients.set(address.key, client)

    async function run<T>(work: (channel: Channel) => Promise<T>, terms: Partial<Terms> = {}): Promise<T> {
      if (closed) throw driverClosed(address.key)
      return client.run({ credentials, ...terms }, work)
    }

    return {
      address: endpoint.address,
      power: ({ patient = true } = {}) => run(readPower, { patient }),
      powerOn: (lease) => run((channel) => switchPower(channel, lease, 'on')),
      powerOff: (lease) => run((channel) => switchPower(channel, lease, 'off')),
      softOff: (lease) => run((channel) => controlOnce(channel, lease, 'softShutdown')),
      powerCycle: (lease) => run((channel) => controlOnce(channel, lease, 'powerCycle')),
      bootDevice: () => run(readBootDevice),
      setBootDevice: (lease, device, how) => run((channel) => writeBootDevice(channel, lease, device, how)),
      close: () => client.close(),
    }
  }

  async function close(): Promise<void> {
    closed = true
    await Promise.all([...clients].map(([address, client]) => client.shutDown(driverClosed(address))))
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
