import { FerruleError } from '../../../domain/errors.ts'
import { completion, completionText } from './completion-codes.ts'

export function unreachable(
  address: string,
  seen: string,
  details: Record<string, unknown> = {},
): FerruleError {
  return new FerruleError(
    'bmc-unreachable',
    `BMC ${address} did not answer: ${seen}.`,
    'Check that the BMC has power, that its address is right, and that UDP to its port passes.',
    { address, ...details },
  )
}

/** The command may or may not have been executed, and asking the BMC cannot tell. */
export function uncertain(address: string, command: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-unreachable',
    `BMC ${address}: the reply to "${command}" was lost (${seen}), so whether it ran is not known.`,
    'Look at the machine (its power state and its console) before asking for it again.',
    { address, command, uncertain: true },
  )
}

export function sessionsFull(address: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-unreachable',
    `BMC ${address} has no free session: ${seen}.`,
    'Wait a minute for idle sessions to end, or close those that other tools hold.',
    { address, sessionsFull: true },
  )
}

export function authFailed(address: string, seen: string, remedy: string): FerruleError {
  return new FerruleError('bmc-auth', `BMC ${address} refused the login: ${seen}.`, remedy, { address })
}

export function refused(address: string, command: string, completionCode: number): FerruleError {
  return new FerruleError(
    'bmc-refused',
    `BMC ${address} refused "${command}": ${completionText(completionCode)}.`,
    completionCode === completion.insufficientPrivilege
      ? 'Give the BMC user OPERATOR privilege on the LAN channel.'
      : "Look the code up in the BMC's manual; the same command will be refused again until something changes.",
    { address, command, completionCode },
  )
}

export function malformed(address: string, command: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-refused',
    `BMC ${address} answered "${command}" with ${seen}.`,
    'Update the firmware of the BMC, or manage the host by another power driver.',
    { address, command },
  )
}
