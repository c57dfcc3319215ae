import DataLoader from 'dataloader'
import { FerruleError } from './domain/errors.ts'
import type { Host } from './domain/host.ts'
import type { BmcRegistry } from './drivers/bmc/registry.ts'
import type { Bmc } from './drivers/bmc/types.ts'
import { openSwitchPorts } from './drivers/switch/engine.ts'
import { switchDriver } from './drivers/switch/registry.ts'
import type { SwitchHealth, SwitchPorts } from './drivers/switch/types.ts'
import type { Database } from './store/database.ts'
import { hostBmcSecrets } from './store/host-bmc.ts'
import type { SwitchRow } from './store/racks.ts'
import { switchesWithPorts } from './store/racks.ts'

type Unseal = (purpose: string, id: string, sealed: string) => string

/** BMC passwords are unsealed for the moment of opening only. */
export function bmcAccess(db: Database, registry: BmcRegistry, unseal: Unseal) {
  async function secrets(host: Host): Promise<{ password: string; kg: string | null }> {
    const sealed = await hostBmcSecrets(db, host)
    if (sealed === null)
      throw new FerruleError('not-found', `host ${host.name} is gone`, 'Nothing to do: it was removed.')
    return {
      password: unseal('bmc', host.id, sealed.password),
      kg: sealed.kg === null ? null : unseal('bmc-kg', host.id, sealed.kg),
    }
  }
  return {
    secrets,
    async open(host: Host): Promise<Bmc> {
      const { password, kg } = await secrets(host)
      const { address, username, protocol, found, fingerprint, sshFingerprint, system } = host.bmc
      const endpoint = {
        address: address ?? '',
        username,
        password,
        host: { id: host.id, name: host.name, systemId: host.systemId },
        ...(kg === null ? {} : { kg }),
        ...(fingerprint === null ? {} : { fingerprint }),
        ...(sshFingerprint === null ? {} : { sshFingerprint }),
        ...(system === null ? {} : { system }),
      }
      return registry.open(endpoint, protocol, found)
    },
  }
}

/** In the lab a minute is a fraction of a second. */
const fastBreaker = { failures: 8, firstPauseMs: 50, longestPauseMs: 200 }

/** One port engine per switch in this process (it is the queue that keeps writes apart), rebuilt when its row or its cables change. */
export function switchAccess(db: Database, unseal: Unseal, fastTime: boolean) {
  const open = new Map<string, { fingerprint: string; ports: SwitchPorts; row: SwitchRow }>()
  // Read at each opening, never remembered: a rack file that was applied a moment ago counts. Those who ask in the same
  // turn of the event loop, as many operations at once do, share one statement, which begins after all of them.
  const records = new DataLoader(
    async (ids: readonly string[]) => {
      const found = await switchesWithPorts(db, [...new Set(ids)])
      return ids.map((id) => found.get(id) ?? null)
    },
    { cache: false, batchScheduleFn: setImmediate },
  )
  return {
    async open(switchId: string): Promise<{ ports: SwitchPorts; row: SwitchRow }> {
      const found = await records.load(switchId)
      if (!found)
        throw new FerruleError(
          'not-found',
          `switch ${switchId} is in no rack configuration`,
          'Put it back with "ferrule rack apply".',
          { switch: switchId },
        )
      const { row, ports } = found
      const fingerprint = JSON.stringify([row, ports])
      const known = open.get(switchId)
      if (known?.fingerprint === fingerprint) return known
      const fresh = {
        fingerprint,
        row,
        ports: openSwitchPorts({
          id: switchId,
          driver: switchDriver(row.type),
          endpoint: {
            address: row.address,
            username: row.username,
            password: unseal('switch', row.id, row.passwordSealed),
            ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint }),
            ...(row.ca === null ? {} : { ca: row.ca }),
            insecure: row.insecure,
          },
          fence: {
            ports: new Set(ports),
            vlanRange: { from: row.vlanFrom, to: row.vlanTo },
            pxeVlan: row.pxeVlan,
            quarantineVlan: row.quarantineVlan,
            createVlans: row.createVlans,
            ...(row.lagRange === null ? {} : { lagRange: row.lagRange }),
          },
          ...(fastTime ? { timeouts: { coalesceMs: 5, breaker: fastBreaker } } : {}),
        }),
      }
      // no await between looking and setting: two callers at once get the same engine
      open.set(switchId, fresh)
      if (known) await known.ports.close()
      return fresh
    },
    health: (switchId: string): SwitchHealth | null => open.get(switchId)?.ports.health() ?? null,
    async close(): Promise<void> {
      await Promise.all([...open.values()].map((one) => one.ports.close()))
    },
  }
}
