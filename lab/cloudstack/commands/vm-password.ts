import { invalid } from '../api/api-error.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import type { Template, Vm } from '../state.ts'
import { vmView } from './vm-view.ts'

/** Without those that are taken for each other; vm.password.length is 6, and longer here so that none is met by chance. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'
const LENGTH = 14

export function newPassword(cloud: Cloud): string {
  return Array.from({ length: LENGTH }, () => LETTERS[cloud.pick(LETTERS.length)]).join('')
}

/** Of a new instance, if its template is made for one. */
export function firstPassword(cloud: Cloud, template: Template, params: Params): string | undefined {
  const asked = params.text('password')
  if (template.passwordEnabled) return asked ?? newPassword(cloud)
  if (asked !== undefined) throw invalid('The Template is not password enabled')
  return undefined
}

/** An instance as the job that started it tells it: with the password that it started with, this once. */
export function startedView(cloud: Cloud, vm: Vm): Record<string, unknown> {
  const { password } = vm
  delete vm.password
  delete vm.details.password
  cloud.touch()
  return { ...vmView(cloud, vm), ...(password === undefined ? {} : { password }) }
}
