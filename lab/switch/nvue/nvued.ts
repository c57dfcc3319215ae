import { SwitchportModel } from '../switchport/model.ts'
import { invalid, meaningOf } from './meaning.ts'
import { lacking, patched, type Tree } from './tree.ts'

export interface Revision {
  tree: Tree
  state: string
  progress: string
  issue: string | null
}

export interface NvuedOptions {
  hosts: readonly string[]
  /** In no bridge. */
  unused?: readonly string[]
  uplinks: readonly string[]
  pxeVlan: number
  vlans?: readonly number[]
  reservedVlans?: readonly number[]
  /** Real milliseconds that an apply takes. */
  applyMs?: number
}

/**
 * The daemon behind NVUE. An apply goes command by command, as ifupdown2 does it: the new untagged VLAN, then what goes,
 * then what comes; and it puts the whole revision in force, also where somebody has applied another meanwhile.
 */
export class Nvued {
  readonly ports: readonly string[]
  readonly model: SwitchportModel
  /** Asks "are you sure?" at the next apply. */
  warns = false
  saveLies = false
  #applied: Tree
  #startup: Tree
  #last = 0
  readonly #revisions = new Map<string, Revision>()
  readonly #reserved: ReadonlySet<number>
  readonly #applyMs: number
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(options: NvuedOptions) {
    this.ports = [...options.hosts, ...(options.unused ?? []), ...options.uplinks]
    this.#reserved = new Set(options.reservedVlans)
    this.#applyMs = options.applyMs ?? 20
    this.#applied = firstConfig(options)
    this.#startup = this.#applied
    this.model = new SwitchportModel({ hosts: [], uplinks: [], pxeVlan: options.pxeVlan })
    this.model.put(meaningOf(this.#applied, this.ports))
    this.model.save()
  }

  tree(rev: string): Tree | null {
    if (rev === 'applied') return this.#applied
    if (rev === 'startup') return this.#startup
    return this.#revisions.get(rev)?.tree ?? null
  }

  revision(id: string): Revision | null {
    if (id === 'applied') return { tree: this.#applied, state: 'applied', progress: '', issue: null }
    return this.#revisions.get(id) ?? null
  }

  create(): string {
    this.#last += 1
    const id = String(this.#last)
    this.#revisions.set(id, { tree: this.#applied, state: 'pending', progress: '', issue: null })
    return id
  }

  /** False where there is no such revision, or one that cannot be changed any more. */
  patch(id: string, patch: unknown): boolean {
    const revision = this.#revisions.get(id)
    if (revision?.state !== 'pending') return false
    revision.tree = patched(revision.tree, patch)
    return true
  }

  discard(id: string): boolean {
    return this.#revisions.get(id)?.state === 'pending' && this.#revisions.delete(id)
  }

  /** Of what is applied: what a revision would bring and what it would take. */
  difference(id: string): { added: unknown; removed: unknown } | null {
    const tree = this.tree(id)
    if (tree === null) return null
    return { added: lacking(this.#applied, tree) ?? {}, removed: lacking(tree, this.#applied) ?? {} }
  }

  apply(id: string, answer: string | undefined): boolean {
    const revision = this.#revisions.get(id)
    if (revision === undefined || !['pending', 'ays_fail'].includes(revision.state)) return false
    revision.state = 'apply'
    this.#later(() => this.#verify(revision, answer))
    return true
  }

  save(): void {
    if (this.saveLies) return
    this.#startup = this.#applied
    this.model.save()
  }

  reboot(): void {
    this.stop()
    this.#applied = this.#startup
    this.#revisions.clear()
    this.model.put(meaningOf(this.#applied, this.ports))
  }

  /** What somebody else applies, at once. */
  applyNow(patch: unknown): void {
    this.#applied = patched(this.#applied, patch)
    this.model.put(meaningOf(this.#applied, this.ports))
  }

  /** As applyNow: the port is in this VLAN and no other. */
  putInto(port: string, vlan: number): void {
    const member = { access: vlan, untagged: null, vlan: null }
    this.applyNow({ interface: { [port]: { bridge: { domain: { br_default: member } } } } })
  }

  snapshot(): unknown {
    return { applied: this.#applied, startup: this.#startup }
  }

  restore(state: unknown): void {
    // what `snapshot` gave
    const { applied, startup } = state as { applied: Tree; startup: Tree }
    this.#startup = startup
    this.#applied = startup
    this.model.put(meaningOf(startup, this.ports))
    this.model.save()
    this.#applied = applied
    this.model.put(meaningOf(applied, this.ports))
  }

  get applying(): number {
    return [...this.#revisions.values()].filter(({ state }) => state === 'apply').length
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #later(work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, this.#applyMs)
    this.#timers.add(timer)
  }

  #verify(revision: Revision, answer: string | undefined): void {
    const fault = invalid(revision.tree, this.ports, this.#reserved)
    if (fault !== null) {
      revision.state = 'invalid'
      revision.progress = 'Invalid config'
      revision.issue = `Config invalid at ${fault.location}: ${fault.reason}`
    } else if (this.warns && answer !== 'ays_yes') {
      revision.state = 'ays_fail'
      revision.progress = 'Aborted apply after warnings'
      revision.issue = 'Timeout while waiting for client response'
    } else {
      this.#commands(revision.tree)
      this.#applied = revision.tree
      revision.state = 'applied'
    }
  }

  #commands(tree: Tree): void {
    const now = this.model.running
    const want = meaningOf(tree, this.ports)
    const vlans = new Map([...now.vlans, ...want.vlans])
    const step = (edit: (name: string) => void) => {
      for (const name of this.ports) edit(name)
    }
    const put = (name: string, change: object) => {
      const ports = new Map(this.model.running.ports)
      const port = ports.get(name)
      if (port) ports.set(name, { ...port, ...change })
      this.model.put({ ports, vlans })
    }
    step((name) => {
      const target = want.ports.get(name)
      const port = now.ports.get(name)
      if (!target || !port || (!port.switchport && !target.switchport)) return
      if (!target.switchport) return put(name, target)
      const allowed = port.mode === 'access' ? new Set([port.access]) : port.allowed
      const native = target.mode === 'access' ? target.access : target.native
      const kept = new Set([...allowed].filter((vlan) => target.allowed.has(vlan) || vlan === native))
      const link = { shutdown: port.shutdown && target.shutdown }
      put(name, { ...link, switchport: true, mode: 'trunk', native, allowed: new Set([...allowed, native]) })
      put(name, { ...link, allowed: new Set([...kept, native]) })
      put(name, target)
    })
    this.model.put(want)
  }
}

function firstConfig({ hosts, unused = [], uplinks, pxeVlan, vlans = [] }: NvuedOptions): Tree {
  const list = Object.fromEntries([pxeVlan, ...vlans].map((vlan) => [String(vlan), {}]))
  const host: Tree = { bridge: { domain: { br_default: { access: pxeVlan } } }, type: 'swp' }
  const uplink: Tree = { bridge: { domain: { br_default: {} } }, type: 'swp' }
  return {
    bridge: { domain: { br_default: { vlan: list } } },
    interface: {
      ...Object.fromEntries(unused.map((name) => [name, { type: 'swp' }])),
      ...Object.fromEntries(hosts.map((name) => [name, host])),
      ...Object.fromEntries(uplinks.map((name) => [name, uplink])),
    },
    system: { hostname: 'leaf01' },
  }
}
