import type { Host } from '../domain/host.ts'
import { mismatch } from '../domain/power-policy.ts'
import { hostById, setAttention } from '../store/hosts.ts'
import { instanceClaim } from '../store/instances.ts'
import { readPower } from '../workflows/power.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { Call, Present } from './call.ts'
import { isClear, refusedWithWhy } from './call.ts'

/**
 * "on" too early makes CloudStack take a VM in Starting for running; "off" too early makes it send a stop. So nothing
 * is reported while it is not known: a failing status leaves CloudStack's state unchanged.
 */
const on = (): Answer => done({ status: 'success', power_state: 'PowerOn' })
const off = (): Answer => done({ status: 'success', power_state: 'PowerOff' })

export async function statusOff(): Promise<Answer> {
  return off()
}

/** CloudStack has a VM that is being reinstalled as running, or as stopped: neither is true, and it is to stay so. */
export async function statusOfDeploying(call: Call, { instance, operation }: Present): Promise<Answer> {
  const { tools } = call.services
  if (operation?.kind === 'reinstall')
    return refused(`${call.vm.name} is being reinstalled.`, operation.number)
  const { claimedAt } = await instanceClaim(tools.db, instance.id)
  const attached = claimedAt !== null && tools.now() - claimedAt.getTime() < tools.policy.deadlines.claim
  return attached ? refused(`${call.vm.name} is deploying.`, operation?.number) : off()
}

/**
 * Running was confirmed by the BMC before the state became running, so an "off" now is true; but not amid a reboot. That
 * it is on may be answered from the newest reading: at worst CloudStack learns a minute later that it is off. That it is
 * off is always asked of the BMC itself, for CloudStack answers an "off" with a stop.
 */
export async function statusOfRunning(call: Call, { instance, operation }: Present): Promise<Answer> {
  const host = await hostOf(call, instance.hostId)
  if (!host) return refused(`${call.vm.name} has no host.`)
  if (!operation && isFreshOn(call, host)) return on()
  const power = await readPower(call.services.tools, host)
  if (power === 'on') return on()
  return operation?.kind === 'reboot' ? refused(`${call.vm.name} is rebooting.`, operation.number) : off()
}

/** No reading from before an action outlives it: operations record their own, and an observer's older one is dropped. */
function isFreshOn({ services }: Call, { power }: Host): boolean {
  const age = power.at === null ? Number.POSITIVE_INFINITY : services.tools.now() - Date.parse(power.at)
  return power.state === 'on' && power.failure === null && age <= services.settings.powerFresh
}

export async function statusOfStopped(call: Call, { instance }: Present): Promise<Answer> {
  const { tools } = call.services
  const host = await hostOf(call, instance.hostId)
  if (!host) return off()
  if ((await readPower(tools, host)) === 'off') {
    if (host.attention?.code === 'stray-power') await setAttention(tools.db, host.id, null)
    return off()
  }
  const { readOnly, inPool } = host
  const stray = mismatch(
    { host: host.name, instance: { ...instance, state: 'stopped' }, inPool, readOnly },
    'on',
  )
  if (!stray) return refused(`${host.name} is on, although ${instance.name} is stopped.`)
  await setAttention(tools.db, host.id, {
    ...stray.attention,
    since:
      host.attention?.code === 'stray-power' ? host.attention.since : new Date(tools.now()).toISOString(),
  })
  return refused(stray.attention)
}

/** A reinstall that will let the VM run again: an "off" would make CloudStack give its VLANs away. */
export async function statusOfParked(call: Call, found: Present): Promise<Answer> {
  return found.operation?.kind === 'reinstall' && found.instance.state === 'deploying'
    ? statusOfDeploying(call, found)
    : statusUntilClear(call, found)
}

export async function statusUntilClear(call: Call, found: Present): Promise<Answer> {
  return isClear(found) ? off() : refusedWithWhy(call, found)
}

function hostOf({ services }: Call, hostId: string | null) {
  return hostId ? hostById(services.tools.db, hostId) : null
}
