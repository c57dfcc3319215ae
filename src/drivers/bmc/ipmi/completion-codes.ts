/** Completion codes (IPMI 2.0 §5.2 table 5-2). */
const generic: Readonly<Record<number, string>> = {
  192: 'node busy',
  193: 'invalid command',
  194: 'command invalid for given LUN',
  195: 'timeout while processing the command',
  196: 'out of space',
  197: 'reservation cancelled or invalid reservation id',
  198: 'request data truncated',
  199: 'request data length invalid',
  200: 'request data field length limit exceeded',
  201: 'parameter out of range',
  202: 'cannot return the number of requested data bytes',
  203: 'requested sensor, data or record not present',
  204: 'invalid data field in request',
  205: 'command illegal for specified sensor or record type',
  206: 'command response could not be provided',
  207: 'cannot execute a duplicated request',
  208: 'SDR repository in update mode',
  209: 'device in firmware update mode',
  210: 'BMC initialisation in progress',
  211: 'destination unavailable',
  212: 'insufficient privilege level',
  213: 'not supported in present state',
  214: 'command sub-function disabled or unavailable',
  255: 'unspecified error',
}

export const completion = { ok: 0x00, insufficientPrivilege: 0xd4 } as const

/** The same command may pass a moment later. */
export function isRetryable(code: number): boolean {
  return code === 0xc0 || code === 0xc3 || code === 0xc4 || code === 0xcf || code === 0xd2
}

/**
 * Codes after which the command may have been executed all the same: the BMC gave up waiting for it (C3h), could not
 * say how it went (CEh), or had already taken it once (CFh).
 */
export function mayHaveRun(code: number): boolean {
  return code === 0xc3 || code === 0xce || code === 0xcf
}

export function completionText(code: number): string {
  const hex = `0x${code.toString(16).toUpperCase().padStart(2, '0')}`
  const text = generic[code] ?? (code >= 0x80 && code <= 0xbe ? 'command-specific refusal' : 'unknown code')
  return `${text} (${hex})`
}
