import { FerruleError } from '../../../../domain/errors.ts'
import type { HostLease } from '../../../../domain/lease.ts'
import type { Bmc } from '../../types.ts'
import { createRedfishDriver, type RedfishDriver } from '../driver.ts'
import type { RedfishDriverOptions, SessionStore } from '../options.ts'
import { startFakeBmc } from './fake-bmc.ts'
import { type FakeBmc, type FakeBmcOptions, user } from './fake-types.ts'

/** One fake BMC, and the driver under test on it. */
export interface Rig {
  fake: FakeBmc
  driver: RedfishDriver
  bmc: Bmc
  lease: HostLease
  stop(): Promise<void>
}

export async function startRig(
  fakeOptions: FakeBmcOptions = {},
  options: RedfishDriverOptions = {},
): Promise<Rig> {
  const fake = await startFakeBmc(fakeOptions)
  const driver = createRedfishDriver({ secondMs: 2, requestMs: 5000, connectMs: 5000, ...options })
  const bmc = driver.open({ address: fake.address, fingerprint: fake.fingerprint, ...user })
  const stop = async () => {
    await driver.close()
    await fake.stop()
  }
  return { fake, driver, bmc, lease: heldHost(), stop }
}

export function heldHost(): HostLease & { lose(): void } {
  const controller = new AbortController()
  const gone = new FerruleError('lease-lost', 'The hold on host h1 was lost.', 'Wait.')
  return {
    kind: 'host',
    id: 'h1',
    holder: 'operation-1',
    signal: controller.signal,
    async check() {
      if (controller.signal.aborted) throw gone
    },
    lose: () => controller.abort(gone),
  }
}

/** The sessions of a driver, as the database keeps them. */
export function sessionBook(leaked: string[] = []): SessionStore & { open: Set<string> } {
  const open = new Set(leaked)
  const abandoned = new Set(leaked)
  return {
    open,
    opened: async (_address, uri) => void open.add(uri),
    closed: async (_address, uri) => {
      open.delete(uri)
      abandoned.delete(uri)
    },
    leaked: async () => [...abandoned],
  }
}
