import { FerruleError } from '../../domain/errors.ts'
import { virtualMachine } from '../client/wire.ts'
import { actionPieces, actionsRemnant } from './actions.ts'
import {
  clusterPiece,
  clusterRemnant,
  hostPiece,
  hostRemnant,
  registrationPiece,
  registrationRemnant,
} from './cluster.ts'
import { exampleRemnants, foreignTemplates, offeringPiece, templatePiece, templatesOf } from './examples.ts'
import { extensionPiece, extensionRemnant, findExtension } from './extension.ts'
import type { FileOptions } from './files.ts'
import { executablePiece, executableRemnant, fileRemnants, settingsPiece } from './files.ts'
import { networkName, networkPieces } from './network.ts'
import { networkRemnants, offeringsInUse } from './network-removal.ts'
import type { Line, Piece, Remnant, Site } from './piece.ts'
import { findPlace } from './zone.ts'

/** What an installation consists of: files of this management server, and things in CloudStack. */
export interface Scope {
  files: FileOptions | null
  site: Site | null
}

export interface RunOptions {
  dryRun: boolean
  /** Called as soon as a piece is done. */
  report(line: Line): void
}

/** Each piece is looked at, and put right if it is not: run twice, the second one changes nothing. */
export async function install({ files, site }: Scope, options: RunOptions): Promise<Line[]> {
  if (site !== null) await findPlace(site)
  const pieces = [
    // the program first, so that CloudStack finds it when the extension is made
    ...(files === null
      ? []
      : [
          executablePiece(files),
          ...(files.forNetwork ? [executablePiece(networkFiles(files))] : []),
          settingsPiece(files),
        ]),
    ...(site === null
      ? []
      : [
          extensionPiece(site),
          clusterPiece(site),
          registrationPiece(site),
          hostPiece(site),
          ...actionPieces(site),
          ...networkPieces(site),
          ...site.options.images.map((image) => templatePiece(site, image)),
          ...site.options.sizes.map((size) => offeringPiece(site, size)),
        ]),
  ]
  const lines: Line[] = []
  for (const piece of pieces) {
    const line = await putRight(piece, options.dryRun)
    lines.push(line)
    options.report(line)
  }
  return lines
}

/** The same program once more, below the name of the other extension: CloudStack gives each a folder of its own. */
function networkFiles(files: FileOptions): FileOptions {
  return { ...files, name: networkName(files.name) }
}

/** It stays as long as CloudStack would call it. */
function networkExecutableRemnant(files: FileOptions, site: Site | null): Remnant {
  const { what, look } = executableRemnant(networkFiles(files))
  return {
    what,
    async look() {
      const found = await look()
      return found !== null && site !== null && (await offeringsInUse(site)).length > 0
        ? { kept: 'its extension is still needed' }
        : found
    },
  }
}

async function putRight(piece: Piece, dryRun: boolean): Promise<Line> {
  const { what } = piece
  const found = await piece.look()
  if (found.as === 'right') return { deed: 'as is', what, note: found.note ?? null }
  if (found.as === 'missing') {
    if (!dryRun) await found.make()
    return { deed: dryRun ? 'would make' : 'made', what, note: found.note ?? null }
  }
  if (!dryRun) await found.mend()
  return { deed: dryRun ? 'would change' : 'changed', what, note: found.differences.join('; ') }
}

/** In the opposite order. Refused, before anything is touched, as long as somebody needs it. */
export async function uninstall({ files, site }: Scope, options: RunOptions): Promise<Line[]> {
  if (site !== null) await refuseWhileNeeded(site)
  const remnants = [
    ...(site === null
      ? []
      : [
          ...networkRemnants(site),
          ...exampleRemnants(site),
          actionsRemnant(site),
          hostRemnant(site),
          registrationRemnant(site),
          clusterRemnant(site),
          extensionRemnant(site),
        ]),
    ...(files === null ? [] : [networkExecutableRemnant(files, site), ...fileRemnants(files)]),
  ]
  const lines: Line[] = []
  for (const remnant of remnants) {
    const line = await takeAway(remnant, options.dryRun)
    lines.push(line)
    options.report(line)
  }
  return lines
}

async function takeAway({ what, look }: Remnant, dryRun: boolean): Promise<Line> {
  const found = await look()
  if (found === null) return { deed: 'gone', what, note: null }
  if ('kept' in found) return { deed: 'kept', what, note: found.kept }
  if (!dryRun) await found.remove()
  return { deed: dryRun ? 'would remove' : 'removed', what, note: found.note ?? null }
}

async function refuseWhileNeeded(site: Site): Promise<void> {
  const found = await findExtension(site)
  if (found === undefined) return
  const templates = await templatesOf(site, found.id)
  const vms = await site.client.list(
    'listVirtualMachines',
    'virtualmachine',
    { listall: true },
    virtualMachine,
  )
  const using = vms.filter(({ templateid }) => templateid !== undefined && templates.includes(templateid))
  if (using.length > 0)
    throw inUse(
      `the extension ${found.name} has instances: ${using.map(({ name, state }) => `${name} (${state})`).join(', ')}`,
      'Destroy and expunge them first: without the extension nobody would.',
    )
  const foreign = await foreignTemplates(site, found.id)
  if (foreign.length > 0)
    throw inUse(
      `the extension ${found.name} has templates that install did not make: ${foreign.join(', ')}`,
      'Delete them in CloudStack first.',
    )
}

function inUse(message: string, remedy: string): FerruleError {
  return new FerruleError('in-use', message, remedy)
}
