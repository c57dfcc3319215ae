import type { Route } from './resource.ts'
import { ACCOUNT_ROUTES } from './resources/account-service.ts'
import { CHASSIS_ROUTES } from './resources/chassis.ts'
import { LOG_ROUTES } from './resources/logs.ts'
import { MANAGER_ROUTES } from './resources/managers.ts'
import { ROOT_ROUTES } from './resources/root.ts'
import { SESSION_ROUTES } from './resources/session-service.ts'
import { STORAGE_ROUTES } from './resources/storage.ts'
import { SYSTEM_ROUTES } from './resources/systems.ts'
import { TASK_ROUTES } from './resources/tasks.ts'

/** Every resource that there is. */
export const ROUTES: readonly Route[] = [
  ...ROOT_ROUTES,
  ...SYSTEM_ROUTES,
  ...STORAGE_ROUTES,
  ...CHASSIS_ROUTES,
  ...MANAGER_ROUTES,
  ...LOG_ROUTES,
  ...TASK_ROUTES,
  ...ACCOUNT_ROUTES,
  ...SESSION_ROUTES,
]

/** The route of a path below /redfish/v1, with its parameters by name. */
export function findRoute(path: string): { route: Route; params: Map<string, string> } | null {
  const asked = path.split('/')
  for (const route of ROUTES) {
    const wanted = route.pattern.split('/')
    if (wanted.length !== asked.length) continue
    const params = new Map<string, string>()
    const fits = wanted.every((part, index) => {
      const value = asked[index] ?? ''
      if (!part.startsWith(':')) return part === value
      params.set(part.slice(1), value)
      return value !== ''
    })
    if (fits) return { route, params }
  }
  return null
}
