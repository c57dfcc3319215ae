import type { AnnouncedMac } from '../../announced-macs.ts'
import type { Learned } from '../restconf/mac-table.ts'
import type { SwitchportModel } from '../switchport/model.ts'
import { elementsOf } from './data.ts'
import type { Datastores, Store } from './datastores.ts'
import { edit, NETCONF } from './edit.ts'
import { child, type Element, element, written } from './element.ts'
import { filtered } from './filter.ts'
import { lldpElement } from './lldp.ts'
import { fdbElement } from './mac-table.ts'
import { RpcError } from './rpc-error.ts'
import { OC_INTERFACES } from './schema.ts'

/** What an operation is done with, and how: all of it, the first part, or in words alone. */
export interface Doing {
  stores: Datastores
  model: SwitchportModel
  session: number
  how: 'do' | 'half' | 'pretend'
  saveLies: boolean
  learned: Learned
  announced: () => readonly AnnouncedMac[]
}

/** Inside of the rpc-reply. */
type Answer = string

const OK = '<ok/>'
const DEFAULT_CONFIRM_SECONDS = 600

/** Those that change something for others than the session itself. */
const changing = ['edit-config', 'commit', 'cancel-commit', 'copy-config'] as const

export function changes({ name }: Element): boolean {
  return changing.some((one) => one === name)
}

/** One operation of RFC 6241 §7 and §8, but for those that are about sessions. @throws RpcError; then nothing has happened */
export function operate(rpc: Element, doing: Doing): Answer {
  const { stores, session, how } = doing
  switch (rpc.name) {
    case 'get':
      return dataAnswer(withStates(elementsOf(stores.read('running')), doing), rpc)
    case 'get-config':
      return dataAnswer(elementsOf(stores.read(store(rpc, 'source'))), rpc)
    case 'lock':
      stores.lock(store(rpc, 'target'), session)
      return OK
    case 'unlock':
      stores.unlock(store(rpc, 'target'), session)
      return OK
    case 'edit-config':
      return editConfig(rpc, doing)
    case 'validate':
      return validate(rpc, doing)
    case 'discard-changes':
      stores.discard(session)
      return OK
    case 'commit':
      return commit(rpc, doing)
    case 'cancel-commit':
      if (how !== 'pretend') stores.cancelCommit(session, textOf(rpc, 'persist-id'))
      return OK
    case 'copy-config':
      return copyConfig(rpc, doing)
    default:
      throw new RpcError('operation-not-supported', `${rpc.name} is not of this switch`, { type: 'protocol' })
  }
}

function editConfig(rpc: Element, { stores, session, how }: Doing): Answer {
  writable(store(rpc, 'target'), 'candidate')
  const config = child(rpc, 'config')
  if (config === undefined) throw missing('config')
  const operation = oneOf(rpc, 'default-operation', ['merge', 'replace', 'none'])
  const test = oneOf(rpc, 'test-option', ['test-then-set', 'set', 'test-only'])
  const onError = oneOf(rpc, 'error-option', ['stop-on-error', 'rollback-on-error'])
  const data = stores.read('candidate')
  try {
    edit(data, how === 'half' ? { ...config, children: config.children.slice(0, 1) } : config, operation)
    if (test !== 'set') stores.validate(data)
  } catch (error) {
    // what was done before the fault stays done
    if (onError === 'stop-on-error' && test === 'set') stores.putCandidate(data, session)
    throw error
  }
  if (how !== 'pretend' && test !== 'test-only') stores.putCandidate(data, session)
  return OK
}

function validate(rpc: Element, { stores }: Doing): Answer {
  const config = child(child(rpc, 'source') ?? rpc, 'config')
  if (config === undefined) stores.validate(stores.read(store(rpc, 'source')))
  else {
    const data = new Map()
    edit(data, config, 'merge')
    stores.validate(data)
  }
  return OK
}

function commit(rpc: Element, { stores, session, how }: Doing): Answer {
  const confirmed = child(rpc, 'confirmed') !== undefined
  const seconds = textOf(rpc, 'confirm-timeout')
  if (seconds !== null && !/^[1-9]\d{0,8}$/.test(seconds))
    throw new RpcError('invalid-value', `"${seconds}" is no confirm-timeout`, {
      info: { 'bad-element': 'confirm-timeout' },
    })
  const [persist, persistId] = [textOf(rpc, 'persist'), textOf(rpc, 'persist-id')]
  const timeoutSeconds = Number(seconds ?? DEFAULT_CONFIRM_SECONDS)
  if (how === 'pretend') return OK
  stores.commit(session, { confirmed, timeoutSeconds, persist, persistId }, how === 'half')
  return OK
}

function copyConfig(rpc: Element, { stores, session, how, saveLies }: Doing): Answer {
  const [target, source] = [store(rpc, 'target'), store(rpc, 'source')]
  if (target === 'candidate') {
    stores.putCandidate(stores.read(source), session)
    return OK
  }
  writable(target, 'startup')
  if (source !== 'running')
    throw new RpcError('operation-not-supported', `startup is a copy of running, and not of ${source}`)
  stores.save(session, saveLies || how === 'pretend')
  return OK
}

function dataAnswer(data: readonly Element[], rpc: Element): Answer {
  const filter = child(rpc, 'filter')
  const kind = filter?.attributes.type ?? filter?.attributes[`{${NETCONF}}type`] ?? 'subtree'
  if (kind !== 'subtree')
    throw new RpcError('bad-attribute', `Filters of type ${kind} are not of this switch`, {
      info: { 'bad-attribute': 'type', 'bad-element': 'filter' },
    })
  return written(element(NETCONF, 'data', filter ? filtered(data, filter.children) : data), NETCONF)
}

/** With the state of each interface, of its forwarding table and of LLDP beside the configuration. */
function withStates(data: readonly Element[], { model, learned, announced }: Doing): Element[] {
  const { running } = model
  const stateOf = (name: string) =>
    element(OC_INTERFACES, 'state', [
      element(OC_INTERFACES, 'name', name),
      element(OC_INTERFACES, 'admin-status', running.ports.get(name)?.shutdown ? 'DOWN' : 'UP'),
    ])
  const beside = (one: Element, stateOfEntry: (entry: Element) => Element): Element => ({
    ...one,
    children: one.children.map((entry) => ({ ...entry, children: [...entry.children, stateOfEntry(entry)] })),
  })
  const states = data.map((one) => {
    if (one.name === 'interfaces') return beside(one, (entry) => stateOf(child(entry, 'name')?.text ?? ''))
    if (one.name === 'network-instances') return beside(one, () => fdbElement(running, learned))
    return one
  })
  return [...states, lldpElement(running.ports.keys(), announced())]
}

function store(rpc: Element, parameter: 'source' | 'target'): Store {
  const named = child(rpc, parameter)?.children[0]?.name
  if (named === undefined) throw missing(parameter)
  if (named === 'running' || named === 'candidate' || named === 'startup') return named
  throw new RpcError('operation-not-supported', `${named} is no configuration of this switch`, {
    info: { 'bad-element': named },
  })
}

function writable(target: Store, only: Store): void {
  if (target !== only)
    throw new RpcError('operation-not-supported', `${target} cannot be written, but ${only}`, {
      type: 'protocol',
    })
}

function oneOf<Word extends string>(
  rpc: Element,
  parameter: string,
  words: readonly [Word, ...Word[]],
): Word {
  const said = textOf(rpc, parameter)
  if (said === null) return words[0]
  const word = words.find((one) => one === said)
  if (word !== undefined) return word
  throw new RpcError('invalid-value', `"${said}" is no ${parameter} of this switch`, {
    type: 'protocol',
    info: { 'bad-element': parameter },
  })
}

function textOf(rpc: Element, name: string): string | null {
  return child(rpc, name)?.text.trim() ?? null
}

function missing(name: string): RpcError {
  return new RpcError('missing-element', `${name} is missing`, {
    type: 'protocol',
    info: { 'bad-element': name },
  })
}
