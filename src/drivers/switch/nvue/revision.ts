import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import { mismatch, refused, unreachable } from '../https/errors.ts'
import { samePort } from '../port-state.ts'
import { PortsMoved } from '../ports-moved.ts'
import type { PortMove } from '../switchport/planned.ts'
import type { NvueApi } from './api.ts'
import { BRIDGE } from './config.ts'
import { lookAt, portOf } from './look.ts'
import { payloads, vlansOf } from './plan.ts'

const revision = z.looseObject({
  state: z.string(),
  transition: z
    .looseObject({
      progress: z.string().nullish(),
      issue: z.record(z.string(), z.looseObject({ message: z.string().optional() })).nullish(),
    })
    .nullish(),
})
type Revision = z.infer<typeof revision>
const created = z.record(z.string(), revision)
const anything = z.unknown()
const tree = z.record(z.string(), z.unknown())
/** A side on which nothing differs may be missing. */
const difference = z.looseObject({ added: tree.nullish(), removed: tree.nullish() })

/** Between two looks at an apply, which takes a moment in a lab and some seconds on a switch. */
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1_000

/**
 * One batch as one revision of NVUE: a copy of what is applied, patched, compared with what is applied by then, and
 * applied. A warning of the switch ("are you sure?") is never answered for a person: it ends the apply, and is told.
 */
export class RevisionChange {
  readonly #api: NvueApi
  readonly #lease: SwitchLease
  readonly #moves: ReadonlyMap<string, PortMove>

  constructor(api: NvueApi, lease: SwitchLease, moves: ReadonlyMap<string, PortMove>) {
    this.#api = api
    this.#lease = lease
    this.#moves = moves
  }

  /**
   * @param applying told the revision right before it is applied: from then on its end must be waited for
   * @throws switch-refused, switch-mismatch, PortsMoved, switch-unreachable, lease-lost
   */
  async run(applying: (id: string) => void): Promise<void> {
    const id = await this.#create()
    try {
      const { unset, set } = payloads(this.#moves)
      const root = `/?rev=${encodeURIComponent(id)}`
      if (unset !== null) await this.#write('PATCH', root, unset, anything)
      await this.#write('PATCH', root, set, anything)
      // As late as can be: NVUE does not say whether an apply merges or overwrites what others applied in between.
      await this.#mustBeAsBefore()
      await this.#onlyOurs(id)
    } catch (error) {
      await this.#discard(id, error)
      throw error
    }
    await this.#lease.check()
    applying(id)
    await this.#apply(id)
    const ended = await endOf(this.#api, id, this.#lease.signal)
    if (!ended.state.startsWith('applied')) throw notApplied(this.#api.address, id, ended)
  }

  async #create(): Promise<string> {
    const answer = await this.#write('POST', '/revision', {}, created)
    const [id] = Object.keys(answer)
    if (id !== undefined) return id
    throw refused(this.#api.address, 'POST /revision', 'it made no revision')
  }

  async #apply(id: string): Promise<void> {
    const path = revisionPath(id)
    try {
      await this.#api.write('PATCH', path, { state: 'apply' }, anything, this.#lease.signal)
    } catch (error) {
      // Whoever was not heard may be heard yet: what is not there any more cannot be applied late.
      const seen = await this.#api.get(path, {}, revision, this.#lease.signal).catch(() => null)
      if (seen?.state === 'pending') await this.#discard(id, error)
      throw error
    }
  }

  async #mustBeAsBefore(): Promise<void> {
    const { address } = this.#api
    const look = await lookAt(this.#api)
    const wrong = [...this.#moves].filter(
      ([port, { before }]) => !samePort(portOf(address, look, port), before),
    )
    if (wrong.length > 0)
      throw new PortsMoved(
        address,
        wrong.map(([port]) => port),
      )
  }

  /** A revision may put back what others applied since it was made; its difference shows it. */
  async #onlyOurs(id: string): Promise<void> {
    const query = { rev: id, filled: 'false', diff: 'applied' }
    const found = await this.#api.get('/', query, difference, this.#lease.signal)
    const paths = [...leaves(found?.added ?? {}), ...leaves(found?.removed ?? {})]
    if (paths.length === 0) {
      throw mismatch(this.#api.address, `its revision ${id} differs in nothing from what is applied`)
    }
    const vlans = new Set([...this.#moves.values()].flatMap(({ wanted }) => vlansOf(wanted).map(String)))
    const ours = (path: readonly string[]) => {
      const [first, second = '', third, fourth, fifth = ''] = path
      if (first === 'interface') return this.#moves.has(second)
      return first === 'bridge' && third === BRIDGE && fourth === 'vlan' && vlans.has(fifth)
    }
    if (!paths.every(ours)) throw new PortsMoved(this.#api.address, [...this.#moves.keys()])
  }

  /** Nothing of it is in force; best effort, so that revisions of ours do not pile up. */
  async #discard(id: string, why: unknown): Promise<void> {
    if (why instanceof FerruleError && why.code === 'lease-lost') return
    await this.#write('DELETE', revisionPath(id), {}, anything).catch((error: unknown) => {
      if (error instanceof FerruleError && error.code === 'lease-lost') throw error
    })
  }

  async #write<T extends z.ZodType>(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    json: unknown,
    schema: T,
  ): Promise<z.output<T>> {
    await this.#lease.check()
    return this.#api.write(method, path, json, schema, this.#lease.signal)
  }
}

/**
 * What became of a revision that was asked to be applied. It has as long as any request.
 * @throws switch-unreachable when it does not end
 */
export async function endOf(api: NvueApi, id: string, signal?: AbortSignal): Promise<Revision> {
  let pause = FIRST_PAUSE_MS
  for (let waited = 0; waited < api.requestMs; waited += pause) {
    const seen = await api.get(revisionPath(id), {}, revision, signal)
    if (seen === null) return { state: 'gone' }
    if (!underWay(seen.state)) return seen
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    await sleep(pause)
  }
  throw unreachable(api.address, `it has not ended to apply revision ${id}`)
}

export async function saveApplied(api: NvueApi, lease: SwitchLease): Promise<void> {
  await lease.check()
  const asked = { state: 'save', 'auto-prompt': { ays: 'ays_yes' } }
  await api.write('PATCH', '/revision/applied', asked, anything, lease.signal)
  await endOf(api, 'applied', lease.signal)
}

/** From "apply" over "verifying", "reloading" and others of its steps; a question ("ays") waits for an answer that does not come. */
function underWay(state: string): boolean {
  return !/^applied|invalid|fail|^ays|^pending|^inactive|^saved|error/.test(state)
}

function notApplied(address: string, id: string, { state, transition }: Revision): FerruleError {
  const issues = Object.values(transition?.issue ?? {}).flatMap(({ message }) => message ?? [])
  const said = [state, transition?.progress, ...issues].filter(Boolean).join(': ').replaceAll(/\s+/g, ' ')
  return refused(address, `apply revision ${id}`, said)
}

function revisionPath(id: string): string {
  return `/revision/${encodeURIComponent(id)}`
}

/** The paths to everything that a tree names; an empty or null end counts. */
function leaves(node: unknown, path: readonly string[] = []): (readonly string[])[] {
  const entries = typeof node === 'object' && node !== null ? Object.entries(node) : []
  if (entries.length === 0) return path.length > 0 ? [path] : []
  return entries.flatMap(([key, value]) => leaves(value, [...path, key]))
}
