import { type Command, Option } from 'commander'
import type { Schemas } from '../client.ts'
import { usage } from '../failure.ts'
import { readSecretFile } from '../token.ts'

type Protocol = NonNullable<Schemas['BmcChangeInput']['protocol']>

export interface BmcOptions {
  bmc?: string
  bmcUser?: string
  bmcPasswordFile?: string
  bmcPasswordStdin?: boolean
  bmcProtocol?: Protocol
  bmcSystem?: string
  bmcSshFingerprint?: string
  bmcKgFile?: string
}

const protocols: readonly Protocol[] = ['auto', 'ipmi', 'redfish', 'maas', 'manual']

/** How a BMC is reached: the same options wherever that is said. */
export function bmcOptions(command: Command, otherPassword = ''): Command {
  return command
    .option('--bmc <address>', 'address of its BMC')
    .option('--bmc-user <name>', 'user of the BMC')
    .option('--bmc-password-file <file>', `file with the password${otherPassword}`)
    .option('--bmc-password-stdin', 'read the password from stdin')
    .addOption(new Option('--bmc-protocol <name>', 'how the BMC is reached').choices(protocols))
    .option('--bmc-system <id>', 'which system, for a Redfish BMC that has several')
    .option('--bmc-ssh-fingerprint <sha256>', 'SSH host key of the BMC that you have compared and trust')
    .option('--bmc-kg-file <file>', 'file with the RMCP+ key K_g in hex')
}

type BmcSaid = Pick<
  Schemas['NewHostInput']['bmc'],
  'address' | 'username' | 'password' | 'protocol' | 'sshFingerprint' | 'system' | 'kg'
>

/** The password is asked for where it is needed; the service says what else is missing. */
export async function bmcOf(options: BmcOptions, needsPassword: boolean): Promise<BmcSaid> {
  const password = await bmcPassword(options, needsPassword)
  return {
    ...(options.bmc === undefined ? {} : { address: options.bmc }),
    ...(options.bmcUser === undefined ? {} : { username: options.bmcUser }),
    ...(password === undefined ? {} : { password }),
    ...(options.bmcProtocol === undefined ? {} : { protocol: options.bmcProtocol }),
    ...(options.bmcSystem === undefined ? {} : { system: options.bmcSystem }),
    ...(options.bmcSshFingerprint === undefined ? {} : { sshFingerprint: options.bmcSshFingerprint }),
    ...(options.bmcKgFile === undefined ? {} : { kg: readSecretFile(options.bmcKgFile, 'K_g') }),
  }
}

/** Never an argument: every user of the machine can read those. */
async function bmcPassword(options: BmcOptions, needed: boolean): Promise<string | undefined> {
  if (options.bmcPasswordFile !== undefined) return readSecretFile(options.bmcPasswordFile, 'BMC password')
  if (options.bmcPasswordStdin) {
    let text = ''
    for await (const chunk of process.stdin) text += String(chunk)
    if (text.trim() !== '') return text.replace(/\r?\n$/, '')
  }
  if (!needed) return undefined
  if (!options.bmcPasswordStdin && process.env.FERRULE_BMC_PASSWORD) return process.env.FERRULE_BMC_PASSWORD
  throw usage(
    'there is no BMC password',
    'Give it with --bmc-password-file, --bmc-password-stdin or FERRULE_BMC_PASSWORD.',
  )
}

/** "auto: redfish", or the protocol alone. */
export function spoken({ protocol, found, fingerprint }: Schemas['Host']['bmc']): string {
  const known = fingerprint === null ? found : 'redfish'
  return protocol === 'auto' ? `auto${known === null ? '' : `: ${known}`}` : protocol
}
