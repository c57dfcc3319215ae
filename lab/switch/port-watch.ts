/** Whoever wants to know of one switch's ports, and every membership that they have had since it began. */
export class PortWatch<Membership> {
  /** In their order, changes of what frames meet alone. */
  readonly history: { port: string; membership: Membership }[] = []
  readonly #membership: (port: string) => Membership
  readonly #listeners: ((port: string) => void)[] = []
  readonly #editListeners = new Set<() => void>()

  constructor(membership: (port: string) => Membership) {
    this.#membership = membership
  }

  /** Called with each port whose membership has changed. */
  onChange(listener: (port: string) => void): void {
    this.#listeners.push(listener)
  }

  /** Called after every change of either configuration, also one that no frame notices. @returns ends it */
  onEdit(listener: () => void): () => void {
    this.#editListeners.add(listener)
    return () => void this.#editListeners.delete(listener)
  }

  /**
   * Tells what comes of `put`, which replaces the running configuration. Of a port-channel that was made or dissolved
   * its members say what became of them.
   */
  around(ports: () => Iterable<string>, put: () => void): void {
    const before = new Map([...ports()].map((port) => [port, JSON.stringify(this.#membership(port))]))
    put()
    for (const port of ports()) {
      const membership = this.#membership(port)
      if (!before.has(port) || before.get(port) === JSON.stringify(membership)) continue
      this.history.push({ port, membership })
      for (const listener of this.#listeners) listener(port)
    }
    this.edited()
  }

  edited(): void {
    for (const listener of this.#editListeners) listener()
  }
}
