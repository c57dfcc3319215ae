import { FerruleError } from '../domain/errors.ts'
import { planDestroy } from '../services/plan.ts'
import { planHeal } from '../services/plan-heal.ts'
import { planReinstall } from '../services/plan-reinstall.ts'
import { certificatesOfHost } from '../store/certificates.ts'
import type { Answer } from './answers.ts'
import { done } from './answers.ts'
import type { Call, Found } from './call.ts'
import { parseErase } from './payload.ts'
import { templateOf } from './reinstall.ts'

const said = (message: unknown): Answer => done({ status: 'success', message, printmessage: 'true' })

/** The newest erase of the server that it is on: the proof for the tenant that nothing of another one was left. */
export async function certificate({ services, vm }: Call, { instance }: Found): Promise<Answer> {
  if (!instance?.hostId) return said(`${vm.name} has no server now, so there is no certificate of it.`)
  const [newest] = await certificatesOfHost(services.tools.db, instance.hostId)
  if (!newest)
    return said(`No erase of this server is on record: a person said that its disks were blank when it came.`)
  const { proven, at, body } = newest
  // whose data it was is not this tenant's business
  const own = newest.instanceId === instance.id
  return said({ proven, at, certificate: own ? body : { ...Object(body), instanceId: null } })
}

/** The form's `action` says of what; what refuses it now is part of the plan, and no failure of the question. */
export async function plan(call: Call, found: Found): Promise<Answer> {
  const { vm } = call
  if (!found.instance) return said(`${vm.name} is unknown here: there is nothing to plan.`)
  try {
    return said(await planOf(call, found.instance.id, found.instance.hostId))
  } catch (error) {
    if (error instanceof FerruleError) return said(`Not possible now: ${error.message}. ${error.remedy}`)
    throw error
  }
}

async function planOf(call: Call, id: string, hostId: string | null): Promise<unknown> {
  const { services, vm } = call
  const { action = 'reinstall' } = vm.parameters
  const erase = parseErase(vm.parameters.erase ?? null, 'the parameter erase')
  if (action === 'destroy') return planDestroy(services, id, erase)
  if (action === 'heal') return hostId ? planHeal(services, hostId) : `${vm.name} has no server now.`
  if (action === 'reinstall')
    return planReinstall(services, id, { template: await templateOf(call), erase: erase ?? undefined })
  throw new FerruleError(
    'invalid-input',
    `there is no plan of "${action}"`,
    'Use reinstall, destroy or heal in the parameter action.',
    { action },
  )
}
