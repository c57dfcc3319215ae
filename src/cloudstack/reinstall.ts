import { templates } from '../services/catalogue.ts'
import { reinstallInstance } from '../services/reinstall.ts'
import type { Answer } from './answers.ts'
import { done } from './answers.ts'
import type { Call, Present } from './call.ts'
import { refusedWithWhy } from './call.ts'
import { ensureTemplate } from './catalogue.ts'
import { parseErase } from './payload.ts'

/** The form's fields: `template` is a template of Ferrule or an image of MAAS, `erase` a policy; both may be left empty. */
export async function reinstall(call: Call, { instance }: Present): Promise<Answer> {
  const { services, caller, vm } = call
  const erase = parseErase(vm.parameters.erase ?? null, 'the parameter erase')
  const operation = await reinstallInstance(services, caller, instance.id, {
    template: await templateOf(call),
    erase: erase ?? undefined,
  })
  return done({ status: 'success', message: `started, operation ${operation.number}`, printmessage: 'true' })
}

export async function templateOf({ services, vm }: Call): Promise<string | undefined> {
  const { template } = vm.parameters
  if (template === undefined) return undefined
  const known = (await templates(services)).some((one) => one.name === template)
  return known ? template : ensureTemplate(services, { image: template, architecture: vm.architecture })
}

/** A VM that kept its host can be tried again; after a deploy that failed there is no host to install it on. */
export async function reinstallFailed(call: Call, found: Present): Promise<Answer> {
  return found.instance.hostId !== null && found.operation === null
    ? reinstall(call, found)
    : refusedWithWhy(call, found)
}
