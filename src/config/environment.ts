import { parse } from 'yaml'
import type { ConfigFault } from './faults.ts'

/** A setting that holds a value (not further settings) and the variable that overrides it. */
export interface Override {
  path: string[]
  variable: string
  /** A text is taken as it is; anything else is read as YAML. */
  isText: boolean
}

interface SchemaNode {
  type?: string
  properties?: Record<string, SchemaNode>
}

/** `listen.port` → `FERRULE_LISTEN_PORT`, `network.vlanRange.from` → `FERRULE_NETWORK_VLAN_RANGE_FROM`. */
export function variableOf(path: readonly string[]): string {
  const words = path.map((key) => key.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/[.-]/g, '_'))
  return `FERRULE_${words.join('_').toUpperCase()}`
}

/** Every override that the schema admits; the schema is the only list. */
export function listOverrides(schema: object, path: string[] = []): Override[] {
  const node: SchemaNode = schema
  if (node.properties === undefined)
    return [{ path, variable: variableOf(path), isText: node.type === 'string' }]
  return Object.entries(node.properties).flatMap(([key, child]) => listOverrides(child, [...path, key]))
}

/**
 * Lays the environment over what the file says. A variable whose first word is a section of ours and that overrides
 * nothing is a fault: a mistyped override would otherwise be lost in silence.
 */
export function applyOverrides(
  input: Record<string, unknown>,
  env: NodeJS.ProcessEnv,
  overrides: readonly Override[],
): ConfigFault[] {
  const faults: ConfigFault[] = []
  const byVariable = new Map(overrides.map((override) => [override.variable, override]))
  const sections = overrides
    .filter(({ path }) => path.length > 1)
    .map(({ path }) => variableOf(path.slice(0, 1)))
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('FERRULE_') || text === undefined) continue
    const override = byVariable.get(name)
    if (override !== undefined) put(input, override.path, override.isText ? text : readValue(text))
    else if (sections.some((section) => name.startsWith(`${section}_`))) faults.push(unknownVariable(name))
  }
  return faults
}

function readValue(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}

function put(input: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path
  if (key === undefined) return
  if (rest.length === 0) {
    input[key] = value
    return
  }
  const child = input[key]
  const section = typeof child === 'object' && child !== null ? { ...child } : {}
  input[key] = section
  put(section, rest, value)
}

function unknownVariable(name: string): ConfigFault {
  return {
    path: `environment ${name}`,
    problem: 'overrides no known setting',
    seen: 'a value',
    remedy: 'Unset it, or correct its name: FERRULE_ and the path in capitals, as in FERRULE_LISTEN_PORT.',
  }
}
