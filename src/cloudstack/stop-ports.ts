import { FerruleError } from '../domain/errors.ts'
import { type StopPorts, stopPorts } from '../domain/stop-ports.ts'
import type { CloudstackVm } from './payload.ts'

/**
 * When a host is chosen, so that who deploys learns of it.
 * @throws invalid-input for what is none of them
 */
export function refuseUnknownStopPorts({ stopPorts: wanted }: Pick<CloudstackVm, 'stopPorts'>): void {
  if (wanted === null || known(wanted)) return
  throw new FerruleError(
    'invalid-input',
    `what a stop is to do with ports is unknown: "${wanted}"`,
    `Use ${stopPorts.join(' or ')} in the detail External:stop_ports.`,
    { stopPorts: wanted },
  )
}

/** A stop is never refused for a detail: what is no word of ours parks, which is safe in every network. */
export function stopPortsOf({ stopPorts: wanted }: Pick<CloudstackVm, 'stopPorts'>): StopPorts | undefined {
  return wanted === null ? undefined : (known(wanted) ?? 'park')
}

function known(text: string): StopPorts | undefined {
  return stopPorts.find((one) => one === text)
}
