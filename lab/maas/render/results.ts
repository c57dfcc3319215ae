import type { Script, ScriptResult, ScriptSet } from '../model.ts'
import { resultDate, runtime } from './dates.ts'
import { API } from './network.ts'

export const PENDING = 0
export const RUNNING = 1
export const PASSED = 2
export const FAILED = 3
export const ABORTED = 5
export const SKIPPED = 9

const STATUS_NAMES = new Map([
  [PENDING, 'Pending'],
  [RUNNING, 'Running'],
  [PASSED, 'Passed'],
  [FAILED, 'Failed'],
  [4, 'Timed out'],
  [ABORTED, 'Aborted'],
  [SKIPPED, 'Skipped'],
])

const TYPE_NAMES = ['Commissioning', 'Installation', 'Testing', 'Release']
const SCRIPT_TYPE_NAMES = new Map([
  [0, 'Commissioning script'],
  [2, 'Testing script'],
  [3, 'Release script'],
])
const HARDWARE_NAMES = ['Node', 'CPU', 'Memory', 'Storage', 'Network']

/** The set's status: the worst that still matters; -1 without any result. */
export function setStatus(set: ScriptSet): number {
  const statuses = set.results.map((result) => result.status)
  for (const status of [FAILED, 4, ABORTED, RUNNING, PENDING]) if (statuses.includes(status)) return status
  return statuses.length === 0 ? -1 : PASSED
}

export function renderSet(set: ScriptSet, includeOutput: boolean) {
  const status = setStatus(set)
  const started = earliest(set.results.map((result) => result.started))
  const done = set.results.length > 0 && set.results.every((result) => result.ended !== null)
  const ended = done ? Math.max(...set.results.map((result) => result.ended ?? 0)) : null
  return {
    id: set.id,
    system_id: set.systemId,
    results: set.results.map((result) => renderResult(result, includeOutput)),
    type: set.type,
    ended: date(ended),
    status,
    // A set without results has this name in 3.7.3: -1 is looked up in a table where it means that.
    status_name: STATUS_NAMES.get(status) ?? 'Failed to apply custom network configuration',
    started: date(started),
    type_name: TYPE_NAMES[set.type] ?? 'Unknown',
    runtime: started !== null && ended !== null ? runtime(ended - started) : '',
    last_ping: date(ended),
    resource_uri: `${API}/nodes/${set.systemId}/results/${set.id}/`,
  }
}

function renderResult(result: ScriptResult, includeOutput: boolean) {
  const took = result.started !== null && result.ended !== null ? runtime(result.ended - result.started) : ''
  return {
    id: result.id,
    created: resultDate(result.created),
    updated: resultDate(result.updated),
    name: result.name,
    status: result.status,
    status_name: STATUS_NAMES.get(result.status) ?? 'Unknown',
    exit_status: result.exit,
    started: date(result.started),
    ended: date(result.ended),
    runtime: took,
    starttime: result.started === null ? '' : result.started / 1000,
    endtime: result.ended === null ? '' : result.ended / 1000,
    estimated_runtime: took === '' ? 'Unknown' : took,
    parameters: result.parameters,
    script_id: result.scriptId,
    script_revision_id: result.scriptRevisionId,
    suppressed: false,
    ...(includeOutput
      ? {
          output: base64(result.stdout + result.stderr),
          stdout: base64(result.stdout),
          stderr: base64(result.stderr),
          result: base64(result.result),
        }
      : {}),
  }
}

export function renderScript(script: Script) {
  return {
    name: script.name,
    title: script.title,
    description: script.description,
    tags: script.tags,
    hardware_type: script.hardwareType,
    parallel: 0,
    results: {},
    parameters: script.parameters,
    packages: script.packages,
    timeout: runtime(script.timeoutSeconds * 1000),
    destructive: false,
    default: script.builtin,
    for_hardware: [],
    may_reboot: false,
    recommission: false,
    apply_configured_networking: false,
    hardware_type_name: HARDWARE_NAMES[script.hardwareType] ?? 'Node',
    parallel_name: 'Disabled',
    type: script.type,
    type_name: SCRIPT_TYPE_NAMES.get(script.type) ?? 'Unknown',
    history: [{ id: script.revision, comment: script.comment, created: resultDate(script.created) }],
    id: script.id,
    resource_uri: `${API}/scripts/${script.name}`,
  }
}

function date(at: number | null): string | null {
  return at === null ? null : resultDate(at)
}

function earliest(times: (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
