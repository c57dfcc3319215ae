import type { HostBmc } from '../host.ts'

/** A BMC that is reached by IPMI, with nothing special. */
export function ipmiBmc(address: string, more: Partial<HostBmc> = {}): HostBmc {
  return {
    address,
    username: 'admin',
    protocol: 'ipmi',
    found: null,
    fingerprint: null,
    sshFingerprint: null,
    system: null,
    kg: false,
    ...more,
  }
}
