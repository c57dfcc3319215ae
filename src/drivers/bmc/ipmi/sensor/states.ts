import { genericStates } from './generic-states.ts'
import { specificStates } from './specific-states.ts'

export type Severity = 'info' | 'warning' | 'critical'

export interface State {
  text: string
  severity: Severity
}

/** Event/reading types (IPMI 2.0 §42.1 table 42-1). */
export const eventType = { threshold: 0x01, sensorSpecific: 0x6f } as const

/** The six thresholds in the order of their bits in a reading's comparison (IPMI 2.0 §35.14). */
export const thresholdNames = [
  'lower non-critical',
  'lower critical',
  'lower non-recoverable',
  'upper non-critical',
  'upper critical',
  'upper non-recoverable',
] as const

/** Of the threshold with that bit number. */
export function thresholdSeverity(index: number): Severity {
  return index % 3 === 0 ? 'warning' : 'critical'
}

/** What an offset of a discrete sensor means; undefined if neither table has it, as with an OEM's. */
export function discreteState(type: number, sensorType: number, offset: number): State | undefined {
  const marked = (type === eventType.sensorSpecific ? specificStates[sensorType] : genericStates[type])?.[
    offset
  ]
  if (marked === undefined || marked === '') return undefined
  if (marked.startsWith('!! ')) return { text: marked.slice(3), severity: 'critical' }
  if (marked.startsWith('! ')) return { text: marked.slice(2), severity: 'warning' }
  return { text: marked, severity: 'info' }
}

export function worst(severities: readonly Severity[]): Severity {
  if (severities.includes('critical')) return 'critical'
  return severities.includes('warning') ? 'warning' : 'info'
}
