import type { Instance } from '../../domain/instance.ts'
import type { Services } from '../../services/context.ts'
import { insertEvent } from '../../store/events.ts'
import { instancesOfNic } from '../../store/instances.ts'
import type { NamedNic } from './payload.ts'

/**
 * A NIC that CloudStack reserves or releases is a word about it, and CloudStack's records are the truth: so this leaves an
 * event with the server that it may be about, and nothing else. Starts and stops do the same with all NICs of a VM, which
 * is no news.
 */
export async function noteNic(
  services: Services,
  what: 'reserved' | 'released',
  nic: NamedNic,
): Promise<void> {
  const { db } = services.tools
  const instance = theOne(await instancesOfNic(db, nic), nic)
  if (instance?.state !== 'running') return
  const known = instance.nics.find(({ mac }) => mac === nic.mac)
  if (what === 'reserved' ? known !== undefined : known === undefined) return
  await insertEvent(db, {
    kind: `instance.nic-${what}`,
    instanceId: instance.id,
    message: sentence(what, nic, instance),
  })
}

/** A name may be that of several tenants' servers: then it says nothing. */
function theOne(found: readonly Instance[], { mac }: NamedNic): Instance | undefined {
  const own = found.find(({ nics }) => nics.some((nic) => nic.mac === mac))
  return own ?? (found.length === 1 ? found[0] : undefined)
}

function sentence(what: 'reserved' | 'released', { mac, vlan }: NamedNic, { name }: Instance): string {
  return what === 'reserved'
    ? `CloudStack reserved NIC ${mac} (VLAN ${vlan}) for ${name}, whose server runs without it`
    : `CloudStack released NIC ${mac} (VLAN ${vlan}) of ${name}, whose server runs with it`
}
