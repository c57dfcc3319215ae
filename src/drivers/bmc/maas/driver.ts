import { FerruleError } from '../../../domain/errors.ts'
import type { HostLease } from '../../../domain/lease.ts'
import { personBootDevice } from '../person/boot-device.ts'
import { driverClosed, hostOf, type PersonSettings } from '../person/desk.ts'
import type { Bmc, BmcDriver, BmcEndpoint, BmcHost, PowerState } from '../types.ts'

/** What of MAAS this driver uses. */
export interface MaasPower {
  machine(systemId: string): Promise<{ status: string; powerType: string }>
  /** Asks the BMC now. */
  queryPower(systemId: string): Promise<'on' | 'off' | 'unknown' | 'error'>
  powerOn(lease: HostLease, systemId: string, comment: string): Promise<void>
  powerOff(lease: HostLease, systemId: string, how: { mode: 'soft' | 'hard'; comment: string }): Promise<void>
}

/** Of MAAS's power drivers only this one shuts a system down softly; the others cut the power when asked to. */
const softTypes: ReadonlySet<string> = new Set(['ipmi'])

/**
 * For a host whose BMC only MAAS can reach: MAAS switches it and is asked for the state, freshly each time. MAAS has no
 * call that sets a boot device, so that a person does it.
 */
export function createMaasDriver(maas: MaasPower, person: PersonSettings): BmcDriver {
  let closed = false

  function open(endpoint: BmcEndpoint): Bmc {
    const host = hostOf(endpoint)

    async function run<T>(work: (systemId: string) => Promise<T>): Promise<T> {
      if (closed) throw driverClosed(host)
      if (host.systemId === null) throw unknownToMaas(host)
      return work(host.systemId)
    }

    return {
      address: endpoint.address,
      power: () => run((systemId) => power(maas, systemId)),
      powerOn: (lease) => run((systemId) => powerOn(maas, host, systemId, lease)),
      powerOff: (lease) =>
        run((systemId) => maas.powerOff(lease, systemId, { mode: 'hard', comment: comment(lease) })),
      softOff: (lease) => run((systemId) => softOff(maas, host, systemId, lease)),
      powerCycle: async () => {
        throw unsupported(host, 'MAAS has no call that restarts a machine', 'Switch it off and on again.')
      },
      ...personBootDevice(person, host, () => closed),
      close: async () => undefined,
    }
  }

  async function close(): Promise<void> {
    closed = true
  }

  return { name: 'maas', open, close }
}

async function power(maas: MaasPower, systemId: string): Promise<PowerState> {
  const state = await maas.queryPower(systemId)
  return state === 'on' || state === 'off' ? state : 'unknown'
}

/**
 * MAAS's power-on over IPMI resets a host that runs, and on a machine that is only allocated it begins a deployment:
 * so it is asked for when the host is surely off, and Deployed.
 */
async function powerOn(maas: MaasPower, host: BmcHost, systemId: string, lease: HostLease): Promise<void> {
  const { status } = await maas.machine(systemId)
  if (status !== 'Deployed') {
    throw new FerruleError(
      'maas-state',
      `${host.name} is ${status} in MAAS: only a Deployed machine can be switched on through MAAS without more happening`,
      'Look at the machine in MAAS.',
      { host: host.name, status },
    )
  }
  const state = await power(maas, systemId)
  if (state === 'on') return
  if (state === 'unknown') {
    throw new FerruleError(
      'power-unknown',
      `MAAS does not know whether ${host.name} is on`,
      'Look at its BMC from MAAS; nothing is switched on while its state is unknown.',
      { host: host.name },
    )
  }
  await maas.powerOn(lease, systemId, comment(lease))
}

async function softOff(maas: MaasPower, host: BmcHost, systemId: string, lease: HostLease): Promise<void> {
  const { powerType } = await maas.machine(systemId)
  if (!softTypes.has(powerType)) {
    throw unsupported(
      host,
      `MAAS would cut the power of ${host.name} (power type ${powerType}) instead of shutting its system down`,
      'Shut the system down from inside; else it is switched off hard.',
    )
  }
  await maas.powerOff(lease, systemId, { mode: 'soft', comment: comment(lease) })
}

function comment(lease: HostLease): string {
  return `Ferrule, operation ${lease.holder}`
}

function unsupported(host: BmcHost, message: string, remedy: string): FerruleError {
  return new FerruleError('bmc-unsupported', message, remedy, { host: host.name })
}

function unknownToMaas(host: BmcHost): FerruleError {
  return new FerruleError(
    'bmc-unsupported',
    `${host.name} is to be switched by MAAS, which does not know it`,
    'Enlist the machine in MAAS with its power type first, then add it here with --system-id; or give it another protocol.',
    { host: host.name },
  )
}
