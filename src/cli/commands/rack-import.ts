import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { collect, run } from '../action.ts'
import { usage } from '../failure.ts'
import { printJson } from '../output.ts'
import { importCsv } from '../rack-import/from-csv.ts'
import { importNetbox } from '../rack-import/from-netbox.ts'
import { Netbox } from '../rack-import/netbox-api.ts'
import { type Imported, isReference, racksOf } from '../rack-import/rack.ts'
import type { Session } from '../session.ts'

interface NetboxOptions {
  netboxUrl: string
  netboxTokenFile?: string
  rack: string[]
  switchRole: string[]
  hostRole: string[]
  type?: string[]
  username: string
  passwordRef: string
  vlanGroup?: string
  clear?: boolean
  to?: string
}

const to = ['--to <file>', 'write it there instead of printing it; a file that exists is left alone'] as const

/** Rack files out of what is documented elsewhere. Nothing is applied, and no controller is asked. */
export function rackImportCommands(rack: Command): void {
  const command = rack
    .command('import')
    .description('make a rack file of what is documented elsewhere; nothing is applied')
  command
    .command('csv')
    .argument('<file>', 'one row per cable, with a header; - for stdin')
    .description('print a rack file of a table of cables')
    .option(...to)
    .action(
      run<{ to?: string }>(async (session, options, file = '-') => {
        write(session, importCsv(readText(file)), file, options.to)
        return undefined
      }),
    )
  command
    .command('netbox')
    .description('print a rack file of the racks, devices, interfaces and cables in NetBox')
    .requiredOption('--netbox-url <url>', 'its address, without /api')
    .option(
      '--netbox-token-file <file>',
      'a file with its token (else the environment variable NETBOX_TOKEN)',
    )
    .requiredOption('--rack <name>', 'a rack; may be given several times', collect)
    .requiredOption(
      '--switch-role <slug>',
      'device role of the switches; may be given several times',
      collect,
    )
    .requiredOption('--host-role <slug>', 'device role of the hosts; may be given several times', collect)
    .option(
      '--type <platform=type>',
      'type of switch by slug of its platform; may be given several times',
      collect,
    )
    .requiredOption('--username <name>', 'user on the switches')
    .requiredOption(
      '--password-ref <ref>',
      'env:NAME or file:/path; {switch} stands for the name of the switch',
    )
    .option('--vlan-group <slug>', 'group of VLANs that tenants may get')
    .option('--clear', 'send the token over http://, which has no TLS')
    .option(...to)
    .action(
      run<NetboxOptions>(async (session, options) => {
        const { netboxUrl: url, passwordRef } = options
        if (!isReference(passwordRef.replaceAll('{switch}', 'x'))) {
          throw usage(
            '--password-ref is not a reference',
            'Write env:NAME or file:/path, never the password.',
          )
        }
        const netbox = new Netbox({ url: trusted(url, options.clear), token: token(options.netboxTokenFile) })
        const imported = await importNetbox(netbox, {
          racks: options.rack,
          switchRoles: options.switchRole,
          hostRoles: options.hostRole,
          types: new Map((options.type ?? []).map(typeOf)),
          username: options.username,
          passwordRef,
          ...(options.vlanGroup === undefined ? {} : { vlanGroup: options.vlanGroup }),
        })
        write(session, imported, url, options.to)
        return undefined
      }),
    )
}

function write(session: Session, imported: Imported, source: string, file: string | undefined): void {
  const racks = racksOf(imported, source)
  for (const note of imported.notes) session.err(`${note}\n`)
  if (file === undefined) {
    printJson(session, { racks })
    return
  }
  try {
    writeFileSync(file, `${JSON.stringify({ racks }, null, 2)}\n`, { flag: 'wx' })
  } catch (error) {
    throw usage(`${file} cannot be written (${codeOf(error)})`, 'Name a file that is not there yet.')
  }
  session.err(
    `${file}: ${racks.length} switch${racks.length === 1 ? '' : 'es'}; apply it with: ferrule rack apply ${file}\n`,
  )
}

function trusted(url: string, clear = false): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw usage(`"${url}" is not a URL`, 'Write it like https://netbox.example.')
  if (url.startsWith('http:') && !clear)
    throw usage(
      `the token would be sent to ${url} in clear text`,
      'Write https://, or accept that with --clear.',
    )
  return url
}

function token(file: string | undefined): string {
  const found = (file === undefined ? (process.env.NETBOX_TOKEN ?? '') : readText(file)).trim()
  if (found === '')
    throw usage('there is no token for NetBox', 'Give --netbox-token-file, or set NETBOX_TOKEN.')
  return found
}

function typeOf(text: string): [string, string] {
  const [platform, type, ...more] = text.split('=')
  if (!platform || !type || more.length > 0)
    throw usage(`--type ${text} is not of the form PLATFORM=TYPE`, 'Write it like --type arista-eos=eAPI.')
  return [platform, type]
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw usage(`the file ${file} cannot be read (${codeOf(error)})`, 'Name a file that you may read.')
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
