/**
 * Proof that an operation holds a host or a switch. Every mutating driver call takes one, so that an unlocked write
 * does not type-check. `check` asks the database right before each device write (a clock lies after a suspended
 * process) and throws `lease-lost`; `signal` aborts open sockets as soon as the loss is known.
 */
export interface Lease<Kind extends 'host' | 'switch' = 'host' | 'switch'> {
  readonly kind: Kind
  /** Id of the host or switch that is held. */
  readonly id: string
  /** Who holds it: an operation id. */
  readonly holder: string
  readonly signal: AbortSignal
  check(): Promise<void>
}

export type HostLease = Lease<'host'>
export type SwitchLease = Lease<'switch'>
