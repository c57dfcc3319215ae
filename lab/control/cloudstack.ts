import type { Lab } from '../types.ts'
import type { Route } from './http.ts'

/** What befalls CloudStack's management server. */
export function cloudstackRoutes({ cloudstack }: Lab): Route[] {
  return [
    {
      method: 'POST',
      pattern: '/cloudstack/restart',
      async handle() {
        await cloudstack.restart()
        return { restarted: true }
      },
    },
    {
      method: 'POST',
      pattern: '/cloudstack/extensions/kill',
      handle: () => ({ killed: cloudstack.killExtensions() }),
    },
  ]
}
