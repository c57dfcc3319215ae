/** What a test or a person turns to change how the lab's management server runs. */
export interface CloudstackDials {
  /** Seconds that an extension gets for prepare, create, start, stop, reboot, delete, status and console (`wait`). */
  waitS: number
  /** Real milliseconds between two ping rounds; 0: none. */
  pingMs: number
  /** Virtual milliseconds that an isolated network without a running VM keeps its VLAN (network.gc.wait and interval). */
  networkGcMs: number
}

/** CloudStack's own values; each ping costs a process per VM, so a faster clock does not shorten it without end. */
export function cloudstackDials(timeScale: number): CloudstackDials {
  return { waitS: 1800, pingMs: Math.max(60_000 / timeScale, 2_000), networkGcMs: 1_200_000 }
}
