import type { Cloud } from '../cloud.ts'
import { extensionOf } from '../find.ts'
import type { Vm } from '../state.ts'
import { type CustomCall, payloadOf, type VmAction } from './payload.ts'
import type { Ran } from './programs.ts'

/** An action that no extension knows gets so many seconds. */
const UNSUPPORTED_S = 5

/** Asks the extension about a VM. What a server that was killed meanwhile had asked is heard by nobody. */
export async function ask(cloud: Cloud, vm: Vm, action: VmAction): Promise<Ran> {
  return run(cloud, vm, action, payloadOf(cloud, vm, action), cloud.dials.waitS)
}

export async function askCustom(cloud: Cloud, vm: Vm, call: CustomCall): Promise<Ran> {
  return run(cloud, vm, call.action.name, payloadOf(cloud, vm, call), call.action.timeout)
}

/** Every other command for the hypervisor arrives at the extension under the name of its Java class, with no more than that. */
export async function askUnsupported(cloud: Cloud, vm: Vm, javaClass: string): Promise<Ran> {
  const action = `com.cloud.agent.api.${javaClass}`
  return run(cloud, vm, action, { action }, UNSUPPORTED_S)
}

async function run(cloud: Cloud, vm: Vm, action: string, payload: unknown, seconds: number): Promise<Ran> {
  const ran = await cloud.programs.run(extensionOf(cloud, vm), action, payload, seconds, cloud.newId())
  cloud.alive()
  return ran
}

/** What a failed call leaves in the error of the API. */
export function reason({ exit, output }: Ran): string {
  return exit === null ? output : `Exit code: ${exit}, Output: ${output.trim()}`
}
