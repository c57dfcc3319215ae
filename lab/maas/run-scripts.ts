import type { EphemeralHost } from '../world/types.ts'
import { dialled } from './dials.ts'
import type { Node, Script, ScriptSet } from './model.ts'
import type { Region } from './region.ts'
import { FAILED } from './render/results.ts'
import { endResult, pendingResult, startResult } from './script-sets.ts'
import { wipeDisks } from './wipe.ts'

/** By hardware type, then by name: the order in which MAAS runs the scripts of one set. */
export function inRunningOrder(scripts: Script[]): Script[] {
  return [...scripts].sort((a, b) => a.hardwareType - b.hardwareType || (a.name < b.name ? -1 : 1))
}

/** Pending results with each script's parameters as given in the request: `PARAM` or `SCRIPT_PARAM`. */
export function pendingResults(region: Region, scripts: Script[], given: Record<string, string>) {
  return inRunningOrder(scripts).map((script) => {
    const result = pendingResult(region, script.name, script)
    for (const [name, declared] of Object.entries(script.parameters)) {
      const value = given[`${script.name}_${name}`] ?? given[name]
      if (value === undefined) continue
      const typed = isRecord(declared) && declared.type === 'boolean' ? isTrue(value) : value
      if (typed !== false) result.parameters[name] = { ...(isRecord(declared) ? declared : {}), value: typed }
    }
    return result
  })
}

/**
 * Runs a set's scripts on the machine and keeps their results. True: all passed; false: one failed (the others still
 * ran); null: the machine has other orders by now, or lost MAAS.
 */
export async function runScripts(
  region: Region,
  node: Node,
  host: EphemeralHost,
  set: ScriptSet,
  alive: () => boolean,
): Promise<boolean | null> {
  for (const result of set.results) {
    if (!alive() || !host.reachable()) return null
    startResult(region, result)
    const script = region.state.scripts.find((one) => one.id === result.scriptId)
    const outcome = await runOne(region, node, host, script, result.parameters, alive)
    if (!alive() || !host.reachable()) return null
    endResult(region, result, outcome)
  }
  return set.results.every((result) => result.status !== FAILED)
}

async function runOne(
  region: Region,
  node: Node,
  host: EphemeralHost,
  script: Script | undefined,
  parameters: Record<string, unknown>,
  alive: () => boolean,
): Promise<{ exit: number; stdout: string; stderr: string }> {
  if (script?.name === 'wipe-disks') {
    const options = { quick: 'quick_erase' in parameters, secure: 'secure_erase' in parameters }
    host.say('Starting wipe-disks')
    const wiped = await wipeDisks(region, node, host, options, alive)
    host.say(wiped.stdout)
    return wiped
  }
  if (script === undefined || dialled(region.dials.releaseFails, node.hostname)) {
    return { exit: 1, stdout: '', stderr: 'the script could not be run\n' }
  }
  const running = host.runScript(script.content, scriptArguments(parameters), { MAAS_SCRIPT: script.name })
  return region.withoutTimeout(node, running)
}

/** argument_format with {input} replaced; `--name=value` where a script gives none. */
function scriptArguments(parameters: Record<string, unknown>): string[] {
  return Object.entries(parameters).flatMap(([name, parameter]) => {
    if (!isRecord(parameter)) return []
    const format =
      typeof parameter.argument_format === 'string' ? parameter.argument_format : `--${name}={input}`
    return format.split(' ').map((word) => word.replaceAll('{input}', String(parameter.value)))
  })
}

function isTrue(text: string): boolean {
  return ['true', 't', 'yes', 'y', 'on', '1'].includes(text.toLowerCase())
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
