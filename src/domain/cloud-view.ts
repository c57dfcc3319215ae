import type { CloudFinding } from './cloud-finding.ts'
import type { Instance } from './instance.ts'

/** A VM as CloudStack has it. */
export interface CloudVm {
  id: string
  name: string
  /** Whose it is: domain/account, or domain/project. */
  tenant: string | null
  /** CloudStack's word: Running, Stopped, Destroyed … */
  state: string
  /** CloudStack's id of the host that it runs on; null: on none. */
  hostId: string | null
  /** It has what our prepare gave back. */
  wasPrepared: boolean
  nics: readonly { mac: string; vlan: number | null }[]
}

/** As much of it as is compared with an instance. */
export type SeenVm = Pick<CloudVm, 'state' | 'nics'>

export interface CloudDifference {
  code: 'vm-gone' | 'vm-over' | 'vm-state' | 'vm-networks'
  /** What is seen, on which thing. */
  message: string
  /** The one safe thing that a person can do. */
  remedy: string
}

/** A difference that was seen again and again. */
export interface CloudView extends CloudDifference {
  instanceId: string
  looks: number
  /** ISO time. */
  since: string
}

/**
 * So many looks in a row must have seen the same before anybody is told: a VM comes and goes between two answers of
 * CloudStack, and its own power sync needs a round or two.
 */
const RIPE = 3

export function isRipe({ looks }: Pick<CloudView, 'looks'>): boolean {
  return looks >= RIPE
}

/** What somebody has to be told of. */
export function needsPerson(view: Pick<CloudView, 'looks' | 'code'>): boolean {
  return isRipe(view) && view.code !== 'vm-over'
}

/**
 * What CloudStack has otherwise than we do, for one of its instances that nothing is at work on. Nothing is ever done
 * about it by itself: CloudStack may be the one that is wrong, and the tenant's data would be the price.
 *
 * @param vm undefined: CloudStack has no such VM
 */
export function differenceOf(instance: Instance, vm: SeenVm | undefined): CloudDifference | null {
  const { name, state } = instance
  if (vm === undefined) {
    // a VM that never ran gets no delete, so nobody else would ever end its record
    if (instance.hostId === null)
      return state === 'failed'
        ? {
            code: 'vm-over',
            message: `CloudStack has no VM ${name} any more; its deployment had failed, and no server is kept for it`,
            remedy: 'Nothing: its record ends by itself.',
          }
        : null
    return {
      code: 'vm-gone',
      message: `CloudStack has no VM ${name} any more, and never asked for its end; its server is kept (${state})`,
      remedy: `Make sure that nobody needs it; then "ferrule instance destroy ${name}".`,
    }
  }
  if (state === 'failed' && vm.state === 'Running')
    return {
      code: 'vm-state',
      message: `CloudStack says that ${name} runs, but its deployment failed and no server carries it`,
      remedy: 'Stop it in CloudStack; then expunge it and deploy it anew.',
    }
  if (state === 'stopped' && vm.state === 'Running')
    return {
      code: 'vm-state',
      message: `CloudStack says that ${name} runs, but it is stopped`,
      remedy: 'Stop it in CloudStack and start it again.',
    }
  if (state === 'running' && vm.state === 'Stopped')
    return {
      code: 'vm-state',
      message: `CloudStack says that ${name} is stopped, but it runs`,
      remedy: 'Start it in CloudStack, which changes nothing on the server, or stop it there again.',
    }
  if (state === 'running' && vm.state === 'Running') return networksDiffer(instance, vm)
  return null
}

/** A VM of the hypervisor External that this Ferrule is to know: others can be of another extension. */
export function isOurs({ hostId, wasPrepared }: CloudVm, ourHosts: ReadonlySet<string>): boolean {
  return wasPrepared || (hostId !== null && ourHosts.has(hostId))
}

/** A VM that has no instance here, though CloudStack believes it to run. */
export function unknownVm({ id, name, state }: CloudVm): CloudFinding[] {
  if (state !== 'Running') return []
  return [
    {
      key: `vm:${id}`,
      name,
      hostId: null,
      code: 'vm-unknown',
      message: `CloudStack says that ${name} runs, but Ferrule has no server for it`,
      remedy:
        'Make sure that no machine carries it; then stop it in CloudStack, expunge it and deploy it anew.',
    },
  ]
}

/**
 * NICs of CloudStack's that the server has not, or has in another VLAN. One that only the server has is no difference:
 * the custom action "Attach network" adds such, and CloudStack itself takes none off a running VM. Of a stopped VM the
 * next start brings its NICs.
 */
function networksDiffer({ name, nics }: Instance, vm: SeenVm): CloudDifference | null {
  const faults = vm.nics.flatMap(({ mac, vlan }) => {
    const own = nics.find((nic) => nic.mac === mac)
    if (own === undefined) return [`NIC ${mac} is not on the server`]
    return vlan !== null && own.vlan !== vlan ? [`NIC ${mac} is in VLAN ${own.vlan} instead of ${vlan}`] : []
  })
  if (faults.length === 0) return null
  return {
    code: 'vm-networks',
    message: `CloudStack has other networks for ${name} than its server: ${faults.join('; ')}`,
    remedy: 'Stop it and start it again in CloudStack: a start sets the ports anew.',
  }
}
