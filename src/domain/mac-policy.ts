/**
 * Whose MAC the default NIC of a VM has. `cloudstack`: the one that CloudStack allocated, on a bond. `host`: the boot
 * NIC's own, which CloudStack is told, for systems that take no other; the VM is then tied to that host.
 */
export const macPolicies = ['cloudstack', 'host'] as const
export type MacPolicy = (typeof macPolicies)[number]
