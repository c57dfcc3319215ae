import { COMMISSIONING_SCRIPTS } from './initial-state.ts'
import type { Node, Script, ScriptResult, ScriptSet } from './model.ts'
import type { Region } from './region.ts'
import { ABORTED, FAILED, PASSED, PENDING, RUNNING, SKIPPED } from './render/results.ts'

/** MAAS keeps this many sets of one type per node (config max_node_commissioning_results and its like). */
const KEPT = 10

export function addSet(region: Region, node: Node, type: number, results: ScriptResult[] = []): ScriptSet {
  const set: ScriptSet = { id: region.nextId('scriptSet'), systemId: node.systemId, type, results }
  const { state } = region
  state.scriptSets.push(set)
  const same = state.scriptSets.filter((one) => one.systemId === node.systemId && one.type === type)
  const old = new Set(same.slice(0, -KEPT))
  state.scriptSets = state.scriptSets.filter((one) => !old.has(one))
  return set
}

export function pendingResult(region: Region, name: string, script: Script | undefined): ScriptResult {
  const now = region.now()
  return {
    id: region.nextId('scriptResult'),
    name,
    status: PENDING,
    exit: null,
    created: now,
    updated: now,
    started: null,
    ended: null,
    parameters: {},
    scriptId: script?.id ?? null,
    scriptRevisionId: null,
    stdout: '',
    stderr: '',
    result: '',
  }
}

export function startResult(region: Region, result: ScriptResult): void {
  result.status = RUNNING
  result.started = region.now()
  result.updated = result.started
}

export function endResult(
  region: Region,
  result: ScriptResult,
  outcome: { exit: number; stdout: string; stderr: string },
): void {
  result.ended = region.now()
  result.started ??= result.ended
  result.updated = result.ended
  result.status = outcome.exit === 0 ? PASSED : FAILED
  result.exit = outcome.exit
  result.stdout = outcome.stdout
  result.stderr = outcome.stderr
  result.scriptRevisionId = result.scriptId
}

export function abortPending(set: ScriptSet | undefined): void {
  for (const result of set?.results ?? []) {
    if (result.status === PENDING || result.status === RUNNING) result.status = ABORTED
  }
}

export function commissioningResults(region: Region, skipBmcConfig: boolean): ScriptResult[] {
  return COMMISSIONING_SCRIPTS.map(([name, id]) => {
    const result = pendingResult(
      region,
      name,
      region.state.scripts.find((script) => script.id === id),
    )
    if (name !== '30-maas-01-bmc-config') return result
    result.parameters = BMC_CONFIG_PARAMETERS
    if (!skipBmcConfig) return result
    endResult(region, result, {
      exit: 0,
      stdout: `INFO: User ${region.adminUser} (3) has choosen to skip BMC configuration during commissioning\n`,
      stderr: '',
    })
    result.status = SKIPPED
    result.result = 'status: skipped'
    return result
  })
}

const BMC_CONFIG_PARAMETERS = {
  maas_auto_ipmi_user: { max: 20, type: 'string', value: 'maas', argument_format: '--username={input}' },
  maas_auto_ipmi_cipher_suite_id: {
    max: 2,
    type: 'string',
    value: '3',
    argument_format: '--ipmi-cipher-suite-id={input}',
  },
  maas_auto_ipmi_user_privilege_level: {
    type: 'choice',
    value: 'ADMIN',
    choices: [
      ['USER', 'User'],
      ['OPERATOR', 'Operator'],
      ['ADMIN', 'Administrator'],
    ],
    argument_format: '--ipmi-privilege-level={input}',
  },
}
