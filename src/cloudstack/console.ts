import { issueInstanceTicket } from '../services/consoles.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { Call, Present } from './call.ts'

/**
 * A link to the serial console in Ferrule's own page. Its ticket opens once and for a minute, and stands behind the #,
 * which browsers send to nobody.
 */
export async function consoleLink({ services, vm, publicUrl }: Call, { instance }: Present): Promise<Answer> {
  const base = publicUrl()
  if (base === null)
    return refused('Ferrule does not know its own address: set listen.url in ferrule.yaml and restart.')
  const { ticket, host } = await issueInstanceTicket(services, instance, vm.name)
  const fragment = new URLSearchParams({ host, ticket })
  return done({
    status: 'success',
    console: { url: `${base.replace(/\/+$/, '')}/console#${fragment}`, protocol: 'direct' },
  })
}
