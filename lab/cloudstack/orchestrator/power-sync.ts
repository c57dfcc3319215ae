import type { Cloud } from '../cloud.ts'
import type { Host, Vm, VmState } from '../state.ts'
import { ask } from './ask.ts'
import { settleStopped } from './stop.ts'

const SEEN: readonly VmState[] = ['Starting', 'Running', 'Stopping', 'Stopped']

/** One ping round: the power of every VM of every host, stopped ones included, one process after the other. */
export async function pingRound(cloud: Cloud): Promise<void> {
  await Promise.all(cloud.state.hosts.map((host) => pingHost(cloud, host)))
}

async function pingHost(cloud: Cloud, host: Host): Promise<void> {
  for (const vm of [...cloud.state.vms]) {
    const here = (vm.hostId ?? vm.lastHostId) === host.id
    if (!here || !SEEN.includes(vm.state)) continue
    const ran = await ask(cloud, vm, 'status')
    const power = ran.ok ? powerIn(ran.output) : 'unknown'
    // What is said amid a job is not heard: the job knows better.
    if (power !== 'unknown' && !cloud.isBusy(vm.id)) await cloud.inTurn(vm.id, () => heed(cloud, vm, power))
  }
}

/** `{"status":"success","power_state":"PowerOn"}`, or the bare word. */
function powerIn(output: string): 'on' | 'off' | 'unknown' {
  let word = output.trim()
  try {
    const answer: { status?: unknown; power_state?: unknown } = JSON.parse(word)
    word = answer.status === 'success' ? String(answer.power_state) : ''
  } catch {
    // a bare word
  }
  const power = /^power(on|off)$/.exec(word.toLowerCase())?.[1]
  return power === 'on' || power === 'off' ? power : 'unknown'
}

/** The server's books follow the report; a VM that is found off is stopped for good measure. */
async function heed(cloud: Cloud, vm: Vm, power: 'on' | 'off'): Promise<void> {
  if (power === 'on') {
    if (vm.state === 'Running') return
    vm.state = 'Running'
    vm.hostId ??= vm.lastHostId
    vm.lastHostId = vm.hostId
    vm.deployVm = false
    cloud.touch()
    return
  }
  if (vm.state === 'Stopped') return
  await ask(cloud, vm, 'stop')
  settleStopped(cloud, vm)
}
