import { FerruleError } from '../domain/errors.ts'
import type { Services } from './context.ts'

/** A1: one setting enables MAAS as the bare-metal provider; without it every provisioning call says so. */
export function requireEnabled(services: Services): void {
  if (services.settings.enabled) return
  throw new FerruleError(
    'not-enabled',
    'MAAS is not enabled as bare-metal provider',
    'Set external.baremetal.resource.classname = org.apache.cloudstack.compute.maas.MaasResourceProvider in the configuration and restart.',
  )
}
