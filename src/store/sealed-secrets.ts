import type { Host } from '../domain/host.ts'

export interface SealedBmcSecrets {
  password: string
  kg: string | null
}

/** The sealed BMC secrets of a host that was read: beside the host and not in it, so that no answer or log shows them. */
export const sealedSecrets = new WeakMap<Host, SealedBmcSecrets>()
