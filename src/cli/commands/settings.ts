import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take } from '../client.ts'
import { type ExitCode, exitCodes, usage } from '../failure.ts'
import { printFields, printJson, printList } from '../output.ts'

/** What the controller runs with: shown, checked, and the provider's part of it changed. */
export function settingsCommands(program: Command): void {
  const settings = program.command('settings').description('the configuration that the controller runs with')
  settings
    .command('show')
    .description('all of it; secrets are named, never shown')
    .action(
      run(async (session) => {
        printJson(session, await take(session.client.GET('/api/v1/settings')))
        return undefined
      }),
    )
  settings
    .command('maas')
    .description('does each region controller of MAAS answer, and take the API key')
    .action(
      run(async (session): Promise<ExitCode> => {
        const { endpoints } = await take(session.client.GET('/api/v1/maas'))
        printList(session, endpoints, endpointColumns)
        return endpoints.some(({ fault }) => fault === null) ? exitCodes.ok : exitCodes.failed
      }),
    )
  settings
    .command('provider')
    .description('the settings that can be changed here, and who says them')
    .action(
      run(async (session): Promise<ExitCode> => {
        const view = await take(session.client.GET('/api/v1/settings/provider'))
        if (session.json) {
          printJson(session, view)
          return exitCodes.ok
        }
        printList(session, view.settings, {
          setting: (one) => one.name,
          value: (one) => shown(one.value),
          from: (one) => (one.from === 'environment' ? one.variable : one.from),
          choices: (one) => one.choices?.join(', ') ?? '',
        })
        for (const line of notesOf(view)) session.out(`${line}\n`)
        return exitCodes.ok
      }),
    )
  settings
    .command('set')
    .argument('[setting...]', 'NAME=VALUE, as in network.pxeVlan=12; an empty value takes it out of the file')
    .option('--maas-key-file <file>', 'the API key of MAAS, consumer:key:secret; - reads it from stdin')
    .option('--dry-run', 'show what would change in the file, and what MAAS says to a new connection')
    .description('change the configuration file, all of it or nothing, and start the controller anew with it')
    .addHelpText(
      'after',
      '\nExample:\n  ferrule settings set maas.url=http://maas.example:5240/MAAS --maas-key-file key --dry-run\n',
    )
    .action(
      run<{ maasKeyFile?: string; dryRun?: true }>(async (session, { maasKeyFile, dryRun }, ...given) => {
        const words = given.flat()
        const { revision, settings: known } = await take(session.client.GET('/api/v1/settings/provider'))
        const changes = words.map((word) => changeOf(word, known))
        if (maasKeyFile !== undefined) {
          const key = readFileSync(maasKeyFile === '-' ? 0 : maasKeyFile, 'utf8').trim()
          changes.push({ name: 'maas.key', value: key })
        }
        if (changes.length === 0)
          throw usage(
            'nothing is to be changed',
            'Name settings as NAME=VALUE: see "ferrule settings provider".',
          )
        const asked = { body: { revision, changes } }
        const plan = await take(
          dryRun
            ? session.client.POST('/api/v1/settings/provider/plan', asked)
            : session.client.PUT('/api/v1/settings/provider', asked),
        )
        printFields(session, plan, (one) => ({
          file: one.diff.join('\n') || 'says so already',
          MAAS: one.maas?.map(endpointText).join('\n') ?? '',
          '': !one.restarts
            ? ''
            : dryRun
              ? 'Nothing was changed.'
              : 'The controller starts anew with it: see "ferrule status".',
        }))
        return undefined
      }),
    )
}

type View = Schemas['ProviderSettings']

function changeOf(
  word: string,
  known: View['settings'],
): { name: string; value: string | number | boolean | null } {
  const at = word.indexOf('=')
  if (at < 1) throw usage(`"${word}" is no NAME=VALUE`, 'Write it like erase.policy=full.')
  const [name, text] = [word.slice(0, at), word.slice(at + 1)]
  const kind = known.find((one) => one.name === name)?.kind
  if (kind === 'secret')
    throw usage(
      `${name} would stand in the list of processes and in the shell's history`,
      'Give it by --maas-key-file.',
    )
  if (text === '') return { name, value: null }
  if (kind === 'switch' && (text === 'true' || text === 'false')) return { name, value: text === 'true' }
  const number = Number(text)
  return { name, value: kind === 'number' && Number.isFinite(number) ? number : text }
}

function notesOf({ file, locked, pending, failure }: View): string[] {
  return [
    file === null ? '' : `file: ${file}`,
    locked === null ? '' : `It cannot be changed here: ${locked.message}. ${locked.remedy}`,
    pending ? 'The file has been changed since the controller was started with it.' : '',
    failure === null ? '' : `The last change was taken back: ${failure.message}`,
  ].filter((line) => line !== '')
}

const shown = (value: string | number | boolean | null) => (value === null ? '' : String(value))

type Endpoint = Schemas['MaasEndpoint']

const faultText = ({ fault }: Endpoint) => (fault === null ? '' : `${fault.message}. ${fault.remedy}`)

const endpointText = (one: Endpoint) =>
  one.fault === null ? `${one.url} answers: MAAS ${one.version}` : `${one.url}: ${faultText(one)}`

const endpointColumns = {
  url: (one: Endpoint) => one.url,
  version: (one: Endpoint) => one.version ?? '',
  account: (one: Endpoint) => one.account?.username ?? '',
  ms: (one: Endpoint) => (one.version === null ? '' : String(one.ms)),
  fault: faultText,
}
