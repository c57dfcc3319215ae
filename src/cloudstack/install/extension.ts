import { FerruleError } from '../../domain/errors.ts'
import type { WireExtension } from '../client/wire.ts'
import { done, extension, extensionAnswer } from '../client/wire.ts'
import type { Finding, Piece, Remnant, Site } from './piece.ts'
import { byName } from './piece.ts'

/** Below CloudStack's folder of extensions. */
export function relativePath(name: string): string {
  return `${name}/ferrule.sh`
}

export async function findExtension({ client, options }: Site): Promise<WireExtension | undefined> {
  const params = { name: options.name, details: 'all' }
  return byName(await client.list('listExtensions', 'extension', params, extension), options.name)
}

/** The extension itself. Its path cannot be changed once it is there. */
export function extensionPiece(site: Site): Piece {
  const { client, options } = site
  const path = relativePath(options.name)

  return {
    what: `extension ${options.name}`,
    async look(): Promise<Finding> {
      const found = await findExtension(site)
      if (found === undefined)
        return {
          as: 'missing',
          async make() {
            const made = await client.ask(
              'createExtension',
              {
                name: options.name,
                type: 'Orchestrator',
                path,
                description: 'Bare metal managed by MAAS: Ferrule',
                orchestratorrequirespreparevm: true,
                state: 'Enabled',
              },
              extensionAnswer,
            )
            site.extensionId = made.extension.id
          },
        }
      site.extensionId = found.id
      checkPath(found, path)
      const differences = [
        ...(found.orchestratorrequirespreparevm === true ? [] : ['it must be asked to prepare']),
        ...(found.state === 'Disabled' ? ['it is disabled'] : []),
      ]
      if (differences.length === 0) return { as: 'right', ...readiness(found) }
      return {
        as: 'different',
        differences,
        async mend() {
          const wanted = { id: found.id, orchestratorrequirespreparevm: true, state: 'Enabled' }
          await client.ask('updateExtension', wanted, extensionAnswer)
        },
      }
    },
  }
}

export function extensionRemnant(site: Site): Remnant {
  const { client, options } = site
  return {
    what: `extension ${options.name}`,
    async look() {
      const found = await findExtension(site)
      if (found === undefined) return null
      return { remove: async () => void (await client.ask('deleteExtension', { id: found.id }, done)) }
    },
  }
}

export function checkPath({ name, path }: WireExtension, wanted: string): void {
  if (path === undefined || path.endsWith(`/${wanted}`)) return
  throw new FerruleError(
    'conflict',
    `the extension ${name} is there already, with another program: ${path}`,
    'Give this one another name with --name, or delete that one in CloudStack.',
    { extension: name, path },
  )
}

export function readiness({ pathready }: WireExtension): { note?: string } {
  return pathready === false
    ? {
        note: 'CloudStack has not found the same program on every management server yet; it looks every five minutes',
      }
    : {}
}
