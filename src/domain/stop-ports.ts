/** What a stop does with ports whose networks keep their VLANs (shared, L2); others' ports are always parked. */
export const stopPorts = ['park', 'keep-fixed'] as const
export type StopPorts = (typeof stopPorts)[number]
