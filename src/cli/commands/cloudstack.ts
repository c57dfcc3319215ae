import type { Command } from 'commander'
import { collect, run } from '../action.ts'
import { CliFailure, type ExitCode, exitCodes, usage } from '../failure.ts'
import { parseMemory } from '../memory.ts'
import { wholeNumber } from '../numbers.ts'
import { printJson } from '../output.ts'
import type { Session } from '../session.ts'
import { cliVersion } from '../version.ts'

const FOLDER = '/usr/share/cloudstack-management/extensions'

interface CommonOptions {
  name: string
  folder: string
  settings: string
  only?: string
  config?: string
  dryRun?: boolean
}

interface InstallOptions extends CommonOptions {
  zone?: string
  pod?: string
  image?: string[]
  size?: string[]
  networkOrchestrator?: boolean
  physicalNetwork?: string
  socket?: string
  door?: string
  doorToken?: string
  doorCa?: string
}

/** What is done on a management server and in CloudStack itself, so no controller is asked. */
export function cloudstackCommands(program: Command): void {
  const cloudstack = program
    .command('cloudstack')
    .description("Ferrule's extension in CloudStack; asks CloudStack itself, and no controller")
  common(cloudstack.command('install'))
    .description(
      'put the extension on this management server and into CloudStack; what is right is left as it is',
    )
    .option('--zone <name>', 'zone of the cluster; needed if there are several')
    .option('--pod <name>', 'pod of the cluster; needed if there are several')
    .option(
      '--image <image>',
      'example template for an image of MAAS, e.g. ubuntu/jammy; several times if need be',
      collect,
    )
    .option(
      '--size <size>',
      'example offering for machines of CPUsxMEMORY, e.g. 16x64G; several times if need be',
      collect,
    )
    .option(
      '--network-orchestrator',
      'CloudStack 4.23: provide user data and SSH keys on networks without a virtual router, too',
    )
    .option('--physical-network <name>', 'with --network-orchestrator; needed if the zone has several')
    .option('--socket <path>', "the daemon's unix socket on this machine, for the settings file")
    .option('--door <url>', 'a daemon on another machine, https://…, for the settings file')
    .option('--door-token <file>', 'with --door: file with its token, which is not written by this')
    .option('--door-ca <file>', 'with --door: file with the certificate to be believed')
    .action(
      run<InstallOptions>((session, options) =>
        work(session, 'install', options, {
          zone: options.zone ?? null,
          pod: options.pod ?? null,
          images: options.image ?? [],
          sizes: (options.size ?? []).map(sizeOf),
          settings: settingsOf(options),
          ...networkOf(options),
        }),
      ),
    )
  common(cloudstack.command('uninstall'))
    .description(
      'take the extension out of CloudStack and off this management server; refused while instances use it',
    )
    .action(
      run<CommonOptions>((session, options) =>
        work(session, 'uninstall', options, { zone: null, pod: null, images: [], sizes: [], settings: null }),
      ),
    )
  cloudstack
    .command('manifest')
    .description('print manifest.yaml for importExtension of CloudStack 4.23 and newer')
    .requiredOption(
      '--archive <url>',
      'where CloudStack will fetch the archive with ferrule.sh and this file',
    )
    .option('--name <name>', 'of the extension', 'ferrule')
    .option('--folder <path>', "CloudStack's folder of extensions", FOLDER)
    .option('--network-orchestrator', 'that of the second extension, for user data and SSH keys')
    .action(
      run<{ archive: string; name: string; folder: string; networkOrchestrator?: boolean }>(
        async (session, { networkOrchestrator, ...options }) => {
          const { manifest } = await import('../../cloudstack/install/manifest.ts')
          const forNetwork = networkOrchestrator ?? false
          session.out(manifest({ ...options, forNetwork, version: cliVersion() }))
          return exitCodes.ok
        },
      ),
    )
}

function common(command: Command): Command {
  return command
    .option('--name <name>', 'of the extension, its cluster and its host', 'ferrule')
    .option('--folder <path>', "CloudStack's folder of extensions on this machine", FOLDER)
    .option('--settings <file>', 'where the executable finds its settings', '/etc/ferrule/extension.conf')
    .option('--only <part>', 'files (of this machine; CloudStack is not asked) or api (no file is touched)')
    .option(
      '--config <file>',
      'ferrule.yaml with cloudstack.api, instead of CLOUDSTACK_ENDPOINT, _KEY and _SECRET',
    )
    .option('--dry-run', 'only tell what would be done')
}

interface Wishes {
  zone: string | null
  pod: string | null
  images: readonly string[]
  sizes: readonly { cpuCount: number; memoryMib: number }[]
  settings: Readonly<Record<string, string>> | null
  networkOrchestrator?: { physicalNetwork: string | null }
}

async function work(
  session: Session,
  what: 'install' | 'uninstall',
  options: CommonOptions,
  wishes: Wishes,
): Promise<ExitCode> {
  const { only, dryRun = false } = options
  if (only !== undefined && only !== 'files' && only !== 'api')
    throw usage(`"${only}" is no part of it`, 'Use --only files or --only api.')
  // not a call of a controller: neither the management server nor CloudStack need have one
  const { runInstaller } = await import('../../cloudstack/install/installer.ts')
  const outcome = await runInstaller(
    what,
    {
      ...wishes,
      name: options.name,
      folder: only === 'api' ? null : options.folder,
      settingsFile: options.settings,
      filesOnly: only === 'files',
      config: options.config ?? null,
      dryRun,
    },
    process.env,
    ({ deed, what: thing, note }) => {
      if (!session.json) session.out(`${deed.padEnd(12)}  ${thing}${note === null ? '' : `  (${note})`}\n`)
    },
  )
  if ('problem' in outcome) {
    const { message, code, remedy } = outcome.problem
    const exit = code === 'cloudstack-unreachable' ? exitCodes.unreachable : exitCodes.refused
    throw new CliFailure(exit, `${message} (${code})`, '', remedy, outcome.problem)
  }
  const touched = outcome.lines.filter(({ deed }) => !['as is', 'gone', 'kept'].includes(deed)).length
  if (session.json) printJson(session, { dryRun, lines: outcome.lines })
  else session.out(`${verdict(what, touched, dryRun)}\n`)
  return exitCodes.ok
}

function verdict(what: 'install' | 'uninstall', touched: number, dryRun: boolean): string {
  if (touched === 0)
    return what === 'install'
      ? 'nothing to do: everything is as it should be'
      : 'nothing to do: nothing of it is there'
  return dryRun ? `nothing was touched; ${touched} would be` : `done: ${touched} touched`
}

function networkOf({ networkOrchestrator, physicalNetwork }: InstallOptions): Partial<Wishes> {
  if (networkOrchestrator) return { networkOrchestrator: { physicalNetwork: physicalNetwork ?? null } }
  if (physicalNetwork === undefined) return {}
  throw usage(
    'a physical network is named, and nothing is to be registered with it',
    'Add --network-orchestrator.',
  )
}

function sizeOf(text: string): { cpuCount: number; memoryMib: number } {
  const [cpus, memory, more] = text.split('x')
  if (cpus === undefined || memory === undefined || more !== undefined)
    throw usage(`"${text}" is no size of a machine`, 'Write CPUs and memory like 16x64G.')
  return { cpuCount: wholeNumber(cpus, '--size'), memoryMib: parseMemory(memory) }
}

function settingsOf({ socket, door, doorToken, doorCa }: InstallOptions): Record<string, string> | null {
  if (socket !== undefined && door !== undefined)
    throw usage('the daemon is either on this machine or on another', 'Give --socket or --door.')
  if (socket !== undefined) return { FERRULE_SOCKET: safe(socket) }
  if (door === undefined) return null
  if (!door.startsWith('https://')) throw usage(`"${door}" is no https address`, 'Write https://HOST:8421.')
  if (doorToken === undefined)
    throw usage('another machine asks for a token', 'Name its file with --door-token.')
  return {
    FERRULE_URL: safe(door),
    FERRULE_TOKEN_FILE: safe(doorToken),
    ...(doorCa === undefined ? {} : { FERRULE_CA_FILE: safe(doorCa) }),
  }
}

/** The settings file is read by a shell. */
function safe(value: string): string {
  if (/^[\w./:@%+,=[\]-]+$/.test(value)) return value
  throw usage(`"${value}" cannot stand in the settings file`, 'Use letters, digits and ./:@%+,=- only.')
}
