import { eui64 } from './ip6.ts'
import type { SystemNetwork } from './network.ts'
import type { Surroundings } from './surroundings.ts'

/** A DHCP exchange with a server that answers. */
const EXCHANGE_MS = 3_000
/** Pause between two asks that nobody answered. */
const RETRY_MS = 9_000
/** systemd-networkd-wait-online gives up after this long and lets the boot go on. */
const WAIT_ONLINE_MS = 120_000

/**
 * Asks on every interface until all that the boot waits for have a lease, at most two minutes. Without any DHCP
 * interface the boot does not wait.
 */
export async function acquireLeases(
  network: SystemNetwork,
  machine: string,
  around: Surroundings,
  sleep: (ms: number) => Promise<void>,
  /** Called at each ask that left somebody without a lease, with how long the boot has waited. */
  waiting: (waitedMs: number) => void = () => {},
): Promise<void> {
  for (let waited = 0; network.leaseless().length > 0 && waited < WAIT_ONLINE_MS; ) {
    const pause = waited === 0 ? EXCHANGE_MS : RETRY_MS
    await sleep(pause)
    waited += pause
    askOnce(network, machine, around)
    if (network.leaseless().every((one) => one.optional)) return
    waiting(waited)
  }
}

/** One ask on each interface that has no lease, in the VLAN that its frames enter now. Routers that advertise are heard as well. */
export function askOnce(network: SystemNetwork, machine: string, around: Surroundings): void {
  for (const { name, mac, vlan } of network.leaseless()) {
    const server = vlan === null ? undefined : around.dhcpServers.get(vlan)
    const offer = server?.offer(mac)
    if (vlan === null || !server || !offer) continue
    network.setLease(name, { ip: offer.ip, server: server.name, at: around.clock.now() })
    around.diary.note({
      machine,
      kind: 'lease',
      vlan,
      mac,
      detail: `${offer.ip} from ${server.name} on ${name}`,
    })
  }
  for (const { name, mac, vlan } of network.unadvertised()) {
    const heard = vlan === null ? null : around.dhcpServers.get(vlan)?.advertises?.()
    if (vlan === null || !heard) continue
    const address = eui64(heard.cidr, mac)
    network.setAdvertised(name, { address, router: heard.router })
    around.diary.note({
      machine,
      kind: 'lease',
      vlan,
      mac,
      detail: `${address} by what ${heard.router} advertises on ${name}`,
    })
  }
}
