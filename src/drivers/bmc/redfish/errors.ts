import { FerruleError } from '../../../domain/errors.ts'
import type { BmcMessage } from './messages.ts'
import { wordsOf } from './messages.ts'

export function unreachable(address: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-unreachable',
    `BMC ${address} did not answer: ${seen}.`,
    'Check that the BMC has power, that its address is right, and that TCP to its port passes.',
    { address },
  )
}

/** It was sent and no answer came. Whoever sent it looks at the state before anything is sent again. */
export function lost(address: string, what: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-unreachable',
    `BMC ${address} did not answer when asked to ${what}: ${seen}; it may have been done.`,
    'Look at the state of the host before asking again.',
    { address, mayHaveRun: true },
  )
}

export function mayHaveRun(error: unknown): boolean {
  return error instanceof FerruleError && error.details.mayHaveRun === true
}

/** Sent once, not to be sent again, and the state cannot tell whether it was done. */
export function uncertain(address: string, what: string): FerruleError {
  return new FerruleError(
    'bmc-unreachable',
    `BMC ${address}: the answer was lost when it was asked to ${what}, so whether that happened is not known.`,
    'Look at the machine (its power state and its console) before asking for it again.',
    { address, uncertain: true },
  )
}

export function authFailed(address: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-auth',
    `BMC ${address} refused the login: ${seen}.`,
    'Check user name and password of the BMC user, and that the user is enabled for Redfish (ferrule host set-bmc). The same login is not sent again for 30 s and longer: BMCs lock users out.',
    { address },
  )
}

export function sessionsFull(address: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-unreachable',
    `BMC ${address} has no free session: ${seen}.`,
    'Wait for idle sessions to end (up to half an hour), or delete those that other tools hold.',
    { address, sessionsFull: true },
  )
}

/** It answered with a status that is not 2xx. */
export function refused(
  address: string,
  what: string,
  status: number,
  messages: readonly BmcMessage[],
): FerruleError {
  const said = wordsOf(messages)
  const message = `BMC ${address} refused to ${what}: HTTP ${status}${said === '' ? '' : `, ${said}`}`
  const details = { address, status, messages: messages.map((one) => one.id) }
  if (status === 405 || status === 501) {
    return new FerruleError('bmc-unsupported', message, 'This BMC cannot do it: do without.', details)
  }
  if (status === 502 || status === 503 || status === 504) {
    return new FerruleError('bmc-unreachable', message, 'The BMC is busy: try again in a minute.', details)
  }
  return new FerruleError(
    'bmc-refused',
    message,
    status === 403
      ? 'Give the BMC user the role Operator or Administrator.'
      : 'As the BMC says; the same will be refused again until something changes.',
    details,
  )
}

export function malformed(address: string, what: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-refused',
    `BMC ${address} was asked to ${what} and answered with ${seen}.`,
    'Update the firmware of the BMC, or use another protocol for the host: ferrule host set-bmc --bmc-protocol ipmi.',
    { address },
  )
}

export function unsupported(address: string, what: string, consequence: string): FerruleError {
  return new FerruleError('bmc-unsupported', `BMC ${address} has no ${what}.`, consequence, { address })
}
