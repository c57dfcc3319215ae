import type { SwitchportConfig } from '../switchport/config.ts'
import type { SwitchportModel } from '../switchport/model.ts'
import { cloneData, type Data } from './data.ts'
import { configOf, dataOf } from './openconfig.ts'
import { RpcError } from './rpc-error.ts'

export type Store = 'running' | 'candidate' | 'startup'

/** A commit that is taken back, if nobody confirms it (RFC 6241 §8.4). */
interface Unconfirmed {
  before: SwitchportConfig
  /** With whose session it ends; null: it outlives its session, and has `persist` for a name. */
  session: number | null
  persist: string | null
  timer: NodeJS.Timeout
}

export interface CommitOptions {
  confirmed: boolean
  timeoutSeconds: number
  persist: string | null
  persistId: string | null
}

/** Nobody: what is done by the switch itself. */
const NOBODY = 0

/** The three configurations of one switch, and whose hand is on them. */
export class Datastores {
  readonly #model: SwitchportModel
  readonly #reserved: readonly number[]
  readonly #locks = new Map<Store, number>()
  /** Null: it is as running. */
  #candidate: Data | null = null
  #unconfirmed: Unconfirmed | null = null

  constructor(model: SwitchportModel, reserved: readonly number[]) {
    this.#model = model
    this.#reserved = reserved
  }

  get unconfirmed(): boolean {
    return this.#unconfirmed !== null
  }

  read(store: Store): Data {
    if (store === 'startup') return dataOf(this.#model.startup)
    if (store === 'running' || this.#candidate === null) return dataOf(this.#model.running)
    return cloneData(this.#candidate)
  }

  lock(store: Store, session: number): void {
    const holder = this.#locks.get(store)
    const denied = (by: number, why: string) =>
      new RpcError('lock-denied', why, { type: 'protocol', info: { 'session-id': String(by) } })
    if (holder !== undefined) throw denied(holder, 'Lock failed, lock is already held')
    if (store === 'candidate' && this.#candidate !== null)
      throw denied(NOBODY, 'The candidate has changes that nobody has committed')
    const unconfirmed = this.#unconfirmed
    if (store === 'running' && unconfirmed !== null && unconfirmed.session !== session)
      throw denied(unconfirmed.session ?? NOBODY, 'A commit waits for its confirmation')
    this.#locks.set(store, session)
  }

  unlock(store: Store, session: number): void {
    if (this.#locks.get(store) !== session)
      throw new RpcError('operation-failed', `This session has no lock of ${store}`, { type: 'protocol' })
    this.#locks.delete(store)
  }

  /** @throws RpcError if `data` is nothing that this switch can be */
  validate(data: Data): SwitchportConfig {
    return configOf(data, this.#model.running, this.#reserved)
  }

  putCandidate(data: Data, session: number): void {
    this.#free('candidate', session)
    this.#candidate = data
  }

  discard(session: number): void {
    this.#free('candidate', session)
    this.#candidate = null
  }

  /** @param half the first port that changes is changed, and nothing else */
  commit(session: number, options: CommitOptions, half = false): void {
    for (const store of ['running', 'candidate'] as const) this.#free(store, session)
    const going = this.#unconfirmed
    if (
      options.persistId !== (going?.persist ?? null) ||
      (going && going.session !== null && going.session !== session)
    )
      throw new RpcError('invalid-value', 'That is not the commit that waits for its confirmation', {
        info: { 'bad-element': 'persist-id' },
      })
    const { running } = this.#model
    const next = this.#candidate === null ? running : this.validate(this.#candidate)
    if (going) clearTimeout(going.timer)
    this.#unconfirmed = options.confirmed
      ? {
          before: going?.before ?? running,
          session: options.persist === null ? session : null,
          persist: options.persist,
          timer: setTimeout(() => this.#takeBack(), options.timeoutSeconds * 1_000).unref(),
        }
      : null
    this.#model.put(half ? withFirstChange(running, next) : next)
    this.#candidate = null
  }

  cancelCommit(session: number, persistId: string | null): void {
    const going = this.#unconfirmed
    if (going === null) throw new RpcError('operation-failed', 'No commit waits for its confirmation')
    if (persistId !== going.persist || (going.session !== null && going.session !== session))
      throw new RpcError('invalid-value', 'That is not the commit that waits for its confirmation', {
        info: { 'bad-element': 'persist-id' },
      })
    this.#takeBack()
  }

  /** @param lies the answer is the same, and nothing is saved */
  save(session: number, lies: boolean): void {
    this.#free('startup', session)
    if (!lies) this.#model.save()
  }

  /** Its locks, what it has not committed under one, and what it has not confirmed go with it. */
  sessionOver(session: number): void {
    if (this.#locks.get('candidate') === session) this.#candidate = null
    for (const [store, holder] of this.#locks) if (holder === session) this.#locks.delete(store)
    if (this.#unconfirmed?.session === session) this.#takeBack()
  }

  reboot(): void {
    this.lose()
    this.#model.reboot()
  }

  /** Without power everything is gone that is neither running nor saved; what was not confirmed is not taken back. */
  lose(): void {
    this.#forget()
    this.#locks.clear()
    this.#candidate = null
  }

  #free(store: Store, session: number): void {
    const holder = this.#locks.get(store)
    if (holder !== undefined && holder !== session)
      throw new RpcError('in-use', `${store} is locked by session ${holder}`, { type: 'protocol' })
  }

  #takeBack(): void {
    const before = this.#unconfirmed?.before
    this.#forget()
    if (before) this.#model.put(before)
  }

  #forget(): void {
    if (this.#unconfirmed) clearTimeout(this.#unconfirmed.timer)
    this.#unconfirmed = null
  }
}

function withFirstChange(before: SwitchportConfig, next: SwitchportConfig): SwitchportConfig {
  const [name, port] =
    [...next.ports].find(
      ([one, now]) => JSON.stringify(plain(now)) !== JSON.stringify(plain(before.ports.get(one))),
    ) ?? []
  const ports = new Map(before.ports)
  if (name !== undefined && port) ports.set(name, port)
  return { ports, vlans: next.vlans }
}

function plain<Port extends { allowed: ReadonlySet<number> }>(port: Port | undefined) {
  return port && { ...port, allowed: [...port.allowed] }
}
