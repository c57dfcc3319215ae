import { issueInstanceTicket } from '../services/consoles.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { Call, Present } from './call.ts'

/**
 * A link to the serial console in Ferrule's own page. Its ticket opens once and for a minute, and stands behind the #,
 * which browsers send to nobody. What is being installed is not the user's yet: there they only watch.
 */
export function consoleLink(mayWrite: boolean): (call: Call, found: Present) => Promise<Answer> {
  return async ({ services, vm, publicUrl }, { instance }) => {
    const base = publicUrl()
    if (base === null)
      return refused('Ferrule does not know its own address: set listen.url in ferrule.yaml and restart.')
    const { ticket, host } = await issueInstanceTicket(services, instance, { viewer: vm.name, mayWrite })
    const fragment = new URLSearchParams({ host, ticket })
    return done({
      status: 'success',
      console: { url: `${base.replace(/\/+$/, '')}/console#${fragment}`, protocol: 'direct' },
    })
  }
}
