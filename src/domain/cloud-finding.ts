/** What only CloudStack has: a host, a VM or a rack configuration that is nobody's record here, or is no more there. */
export interface CloudFinding {
  /** CloudStack's own id, behind what it is: host:…, vm:… or rack:… */
  key: string
  /** CloudStack's name for it. */
  name: string
  /** The host here that it is about; null: none. */
  hostId: string | null
  code:
    | 'host-unknown'
    | 'host-failed'
    | 'host-removed'
    | 'host-fault'
    | 'host-gone'
    | 'vm-unknown'
    | 'rack-unknown'
    | 'rack-failed'
    | 'rack-gone'
  /** What is seen, on which thing. */
  message: string
  /** The one safe thing that a person can do. */
  remedy: string
}

/** A finding that was seen again and again. */
export interface CloudFindingView extends CloudFinding {
  looks: number
  /** ISO time. */
  since: string
}
