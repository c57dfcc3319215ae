import { FerruleError } from '../../../domain/errors.ts'

export function unreachable(address: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-unreachable',
    `BMC ${address} did not open its console by SSH: ${seen}.`,
    'Check that the BMC has power, that SSH is switched on there, and that TCP to this port passes.',
    { address },
  )
}

export function authFailed(address: string): FerruleError {
  return new FerruleError(
    'bmc-auth',
    `BMC ${address} refused the login by SSH.`,
    'Check that the BMC user may log in by SSH, and use the serial console; user and password are those of Redfish.',
    { address },
  )
}

/** `said`: in the BMC's own words, or what was seen. */
export function refused(address: string, said: string): FerruleError {
  return new FerruleError(
    'bmc-refused',
    `BMC ${address} refused its console by SSH: ${said}.`,
    'As the BMC says; the same will be refused again until something changes.',
    { address },
  )
}

/** Another session has it. There is no way in SSH to end that of somebody else. */
export function busy(address: string, said: string, takeOver: boolean): FerruleError {
  return takeOver
    ? new FerruleError(
        'bmc-unsupported',
        `BMC ${address} gives its console to nobody else while another session has it, and SSH cannot take it over: ${said}.`,
        "End the other session: where it was opened, or among the sessions on the BMC's own page. Then try again.",
        { address },
      )
    : new FerruleError(
        'console-busy',
        `Another session has the console of BMC ${address}: ${said}.`,
        "End the other session: where it was opened, or among the sessions on the BMC's own page.",
        { address },
      )
}

export function shuttingDown(address: string): FerruleError {
  return new FerruleError(
    'cancelled',
    `BMC ${address} was not asked: Ferrule is shutting down.`,
    'Ask again when it runs.',
    { address },
  )
}
