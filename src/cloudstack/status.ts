import { hostById, setAttention } from '../store/hosts.ts'
import { instanceClaim } from '../store/instances.ts'
import { readPower } from '../workflows/power.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { Call, Present } from './call.ts'
import { isClear } from './call.ts'

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
  if (operation?.kind === 'reinstall') return refused(`${call.vm.name} is being reinstalled.`)
  const { claimedAt } = await instanceClaim(tools.db, instance.id)
  const attached = claimedAt !== null && tools.now() - claimedAt.getTime() < tools.policy.deadlines.claim
  return attached ? refused(`${call.vm.name} is deploying.`) : off()
}

/** Running was confirmed by the BMC before the state became running, so an "off" now is true; but not amid a reboot. */
export async function statusOfRunning(call: Call, { instance, operation }: Present): Promise<Answer> {
  const host = await hostOf(call, instance.hostId)
  if (!host) return refused(`${call.vm.name} has no host.`)
  const power = await readPower(call.services.tools, host)
  if (power === 'on') return on()
  return operation?.kind === 'reboot' ? refused(`${call.vm.name} is rebooting.`) : off()
}

/** The code of the attention that a stopped VM's running host gets. */
const STRAY = 'stray-power'

export async function statusOfStopped(call: Call, { instance }: Present): Promise<Answer> {
  const { tools } = call.services
  const host = await hostOf(call, instance.hostId)
  if (!host) return off()
  if ((await readPower(tools, host)) === 'off') {
    if (host.attention?.code === STRAY) await setAttention(tools.db, host.id, null)
    return off()
  }
  const message = `${host.name} is on, although ${instance.name} is stopped`
  const remedy = `Stop or start ${instance.name} in CloudStack; its ports are out of every tenant network meanwhile.`
  await setAttention(tools.db, host.id, {
    code: STRAY,
    message,
    remedy,
    since: host.attention?.code === STRAY ? host.attention.since : new Date(tools.now()).toISOString(),
  })
  return refused(`${message}. ${remedy}`)
}

/** A reinstall that will let the VM run again: an "off" would make CloudStack give its VLANs away. */
export async function statusOfParked(call: Call, found: Present): Promise<Answer> {
  return found.operation?.kind === 'reinstall' && found.instance.state === 'deploying'
    ? statusOfDeploying(call, found)
    : statusUntilClear(call, found)
}

export async function statusUntilClear(call: Call, found: Present): Promise<Answer> {
  return isClear(found) ? off() : refused(`${call.vm.name} is ${found.state}.`)
}

function hostOf({ services }: Call, hostId: string | null) {
  return hostId ? hostById(services.tools.db, hostId) : null
}
