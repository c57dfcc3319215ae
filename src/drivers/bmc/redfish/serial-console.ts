import type { FerruleError } from '../../../domain/errors.ts'
import type { ConsolePlace } from './console-place.ts'
import { unsupported } from './errors.ts'
import { optional } from './optional.ts'
import type { RedfishSystem } from './system.ts'
import { managerConsoleSchema, type WireConsole } from './wire.ts'

/** What DSP0268 says of ComputerSystem.SerialConsole: where no port is told, it is the protocol's own. */
const ipmiPort = 623
const sshPort = 22

const what = 'tell where its serial console is'

/**
 * SSH comes first where its host key is trusted, for IPMI shows a hash of the password to whoever listens; else IPMI,
 * which needs nothing said. Of an SSH that nobody has trusted the key is shown, so that somebody can.
 *
 * @throws bmc-unsupported if there is neither
 */
export async function findConsole(system: RedfishSystem, sshTrusted: boolean): Promise<ConsolePlace> {
  const { system: told, path } = await system.read(what)
  const { SerialConsole: console } = told
  if (console === undefined) return ofManager(system, told.Links.ManagedBy)
  const { IPMI, SSH, Telnet } = console
  const ipmi: ConsolePlace | null = IPMI?.ServiceEnabled
    ? { protocol: 'ipmi', port: IPMI.Port ?? ipmiPort }
    : null
  const ssh: ConsolePlace | null = SSH?.ServiceEnabled
    ? {
        protocol: 'ssh',
        port: SSH.Port ?? sshPort,
        entryCommand: SSH.ConsoleEntryCommand,
        besideCommandLine: isBesideCommandLine(SSH),
      }
    : null
  const found = sshTrusted ? (ssh ?? ipmi) : (ipmi ?? ssh)
  if (found) return found
  if (IPMI ?? SSH)
    throw noConsole(
      system,
      'serial console that is switched on',
      `Switch on SerialConsole of ${path} at the BMC, by IPMI or SSH.`,
    )
  throw noConsole(
    system,
    Telnet?.ServiceEnabled ? 'serial console but by Telnet, which is not spoken' : 'serial console',
    'Use the screen in the room.',
  )
}

/** Where it is not said: port 22 is the command line's on BMCs, and whoever has the serial port on another one keeps them apart. */
function isBesideCommandLine({ ConsoleEntryCommand, SharedWithManagerCLI, Port }: WireConsole): boolean {
  return ConsoleEntryCommand !== null || (SharedWithManagerCLI ?? (Port ?? sshPort) === sshPort)
}

/** What an older BMC tells, or nothing: then it is not guessed, for that would send the password where nobody asked for it. */
async function ofManager(system: RedfishSystem, managers: readonly string[]): Promise<ConsolePlace> {
  let types: string[] = []
  for (const manager of managers) {
    const console = (await optional(system.client, manager, managerConsoleSchema, what))?.SerialConsole
    if (console?.ServiceEnabled) types = types.concat(console.ConnectTypesSupported ?? [])
  }
  if (types.includes('IPMI')) return { protocol: 'ipmi', port: ipmiPort }
  if (types.includes('SSH'))
    throw noConsole(
      system,
      'serial console of which it tells how SSH gets to it',
      'Update the firmware of the BMC, switch on its serial console by IPMI, or use the screen in the room.',
    )
  throw noConsole(
    system,
    'serial console that it tells of',
    'If it has one by IPMI: ferrule host set-bmc HOST --bmc-protocol ipmi. Else use the screen in the room.',
  )
}

function noConsole(system: RedfishSystem, thing: string, remedy: string): FerruleError {
  return unsupported(system.client.address, thing, remedy)
}
