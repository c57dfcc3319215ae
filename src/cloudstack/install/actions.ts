import type { WireCustomAction } from '../client/wire.ts'
import { anything, customAction, done } from '../client/wire.ts'
import type { CustomAction } from '../custom-actions.ts'
import { customActions } from '../custom-actions.ts'
import { findExtension } from './extension.ts'
import type { Finding, Piece, Remnant, Site } from './piece.ts'
import { byName } from './piece.ts'

/** What a user clicks on, and the form that opens. Who sees it, and whether it is on, is the operator's to change. */
export function actionPieces(site: Site): Piece[] {
  return customActions.map((action) => actionPiece(site, action))
}

async function actionsOf({ client }: Site, extensionId: string): Promise<WireCustomAction[]> {
  return client.list('listCustomActions', 'extensioncustomaction', { extensionid: extensionId }, customAction)
}

function actionPiece(site: Site, action: CustomAction): Piece {
  const { client } = site
  const form = formOf(action)
  return {
    what: `custom action ${action.name}`,
    async look(): Promise<Finding> {
      const { extensionId } = site
      const found =
        extensionId === undefined ? undefined : byName(await actionsOf(site, extensionId), action.name)
      if (found === undefined)
        return {
          as: 'missing',
          async make() {
            await client.ask(
              'addCustomAction',
              {
                extensionid: site.extensionId,
                name: action.name,
                description: action.description,
                resourcetype: 'VirtualMachine',
                allowedroletypes: action.roles.join(','),
                timeout: action.timeoutS,
                enabled: true,
                parameters: form,
              },
              anything,
            )
          },
        }
      const differences = differencesOf(found, action)
      if (differences.length === 0)
        return found.enabled === false ? { as: 'right', note: 'it is disabled' } : { as: 'right' }
      return {
        as: 'different',
        differences,
        async mend() {
          const fields = { id: found.id, description: action.description, timeout: action.timeoutS }
          await client.ask(
            'updateCustomAction',
            form.length === 0 ? { ...fields, cleanupparameters: true } : { ...fields, parameters: form },
            anything,
          )
        },
      }
    },
  }
}

function formOf({ parameters }: CustomAction): Record<string, string>[] {
  return parameters.map(({ name, required, options }) => ({
    name,
    type: 'STRING',
    required: String(required),
    validationformat: 'NONE',
    ...(options === undefined ? {} : { valueoptions: options.join(',') }),
  }))
}

/** A longer time-out is the operator's; a shorter one would cut answers. */
function differencesOf(found: WireCustomAction, action: CustomAction): string[] {
  const timeout = found.timeout ?? 0
  const seen = (found.parameters ?? []).map(
    ({ name, required = false, valueoptions = '' }) => `${name} ${required} ${valueoptions}`,
  )
  const wanted = action.parameters.map(
    ({ name, required, options = [] }) => `${name} ${required} ${options.join(',')}`,
  )
  return [
    ...(timeout < action.timeoutS ? [`its time-out is ${timeout} s instead of ${action.timeoutS} s`] : []),
    ...(seen.sort().join() === wanted.sort().join() ? [] : ['its form is another']),
  ]
}

/** All actions of the extension, whoever made them: with one of them left it could not be deleted. */
export function actionsRemnant(site: Site): Remnant {
  return {
    what: 'custom actions',
    async look() {
      const found = await findExtension(site)
      const actions = found === undefined ? [] : await actionsOf(site, found.id)
      if (actions.length === 0) return null
      return {
        note: actions.map(({ name }) => name).join(', '),
        async remove() {
          for (const { id } of actions) await site.client.ask('deleteCustomAction', { id }, done)
        },
      }
    },
  }
}
