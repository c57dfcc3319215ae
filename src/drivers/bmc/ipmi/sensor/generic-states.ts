/**
 * Generic event/reading types and their offsets (IPMI 2.0 §42.1 table 42-2), without type 1, which is thresholds. A text
 * that begins with ! is a warning, with !! critical; the rest is information.
 */
export const genericStates: Readonly<Record<number, readonly string[]>> = {
  2: ['idle', 'active', 'busy'],
  3: ['state deasserted', 'state asserted'],
  4: ['predictive failure deasserted', '! predictive failure'],
  5: ['limit not exceeded', '! limit exceeded'],
  6: ['performance met', '! performance lags'],
  7: [
    'ok',
    '! non-critical',
    '!! critical',
    '!! non-recoverable',
    '! non-critical, from more severe',
    '!! critical, from non-recoverable',
    '!! non-recoverable',
    'monitor',
    'informational',
  ],
  8: ['device absent', 'device present'],
  9: ['device disabled', 'device enabled'],
  10: [
    'running',
    'in test',
    'power off',
    'on line',
    'off line',
    'off duty',
    '! degraded',
    'power save',
    '!! install error',
  ],
  11: [
    'fully redundant',
    '! redundancy lost',
    '! redundancy degraded',
    '! not redundant, resources are sufficient, from redundant',
    '! not redundant, resources are sufficient, from insufficient',
    '!! not redundant, resources are insufficient',
    '! redundancy degraded, from fully redundant',
    '! redundancy degraded, from not redundant',
  ],
  12: ['ACPI device state D0', 'ACPI device state D1', 'ACPI device state D2', 'ACPI device state D3'],
}
