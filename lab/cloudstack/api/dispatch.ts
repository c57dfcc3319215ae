import type { Cloud } from '../cloud.ts'
import { ServerGone } from '../cloud.ts'
import { noEntity } from '../find.ts'
import { ApiError, INTERNAL, PARAMETER, UNAUTHORIZED, UNSUPPORTED } from './api-error.ts'
import { commands } from './catalogue.ts'
import type { Command } from './command.ts'
import { Params } from './params.ts'
import { isSigned, type Keys } from './signature.ts'

export interface Reply {
  status: number
  body: Record<string, unknown>
}

/** Answers one request: who asks, what for, with which parameters. Rejects only when the server was killed meanwhile. */
export async function dispatch(
  cloud: Cloud,
  keys: Keys,
  values: ReadonlyMap<string, string>,
  now: number,
): Promise<Reply> {
  const params = new Params(values)
  const command = commands.get((params.text('command') ?? '').toLowerCase())
  try {
    if (!isSigned(values, keys, now))
      throw new ApiError(UNAUTHORIZED, 'unable to verify user credentials and/or request signature')
    if (command === undefined) throw unknown(params.text('command'))
    return { status: 200, body: { [rootOf(command)]: await run(cloud, command, params) } }
  } catch (error) {
    if (error instanceof ServerGone) throw error
    return refusal(error, command)
  }
}

async function run(cloud: Cloud, command: Command, params: Params): Promise<unknown> {
  for (const [name, spec] of Object.entries(command.params)) {
    if (spec.endsWith('!') && !params.has(name))
      throw new ApiError(
        PARAMETER,
        `Unable to execute API command ${command.name.toLowerCase()} due to missing parameter ${name}`,
      )
  }
  refuseStrangers(cloud, command, params)
  if ('run' in command) return command.run(cloud, params)
  const { id, type, work } = command.begin(cloud, params)
  const about = { ...(id === undefined ? {} : { id }), ...(type === undefined ? {} : { type }) }
  const job = cloud.startJob(command.name, about, work)
  // Only what creates something tells its id.
  const created = /^(deploy|create|add(?!Nic))/.test(command.name) && id !== undefined
  return created ? { id, jobid: job.id } : { jobid: job.id }
}

/**
 * An id that no record ever had is refused, also where a list is asked for; what is gone leaves a record, and a list
 * without it (ParamProcessWorker.translateUuidToInternalId). Other commands look for their things themselves.
 */
function refuseStrangers(cloud: Cloud, command: Command, params: Params): void {
  if (!command.name.startsWith('list')) return
  for (const [name, spec] of Object.entries(command.params)) {
    const ids = name === 'ids' ? params.list(name) : spec.startsWith('uuid') ? [params.text(name) ?? ''] : []
    const stranger = ids.find((id) => id !== '' && !cloud.isId(id))
    if (stranger !== undefined) throw noEntity(command.name, name, stranger)
  }
}

function unknown(name: string | undefined): ApiError {
  return new ApiError(
    UNSUPPORTED,
    `The given command '${name ?? ''}' either does not exist, is not available for user, or not available from ip address.`,
  )
}

function rootOf({ name }: Command): string {
  return `${name.toLowerCase()}response`
}

function refusal(error: unknown, command: Command | undefined): Reply {
  const known = error instanceof ApiError ? error : null
  const code = known?.code ?? INTERNAL
  const root = command === undefined || code === UNSUPPORTED ? 'errorresponse' : rootOf(command)
  return {
    status: code,
    body: {
      [root]: {
        uuidList: [],
        errorcode: code,
        cserrorcode: known?.cserrorcode ?? 9999,
        errortext: error instanceof Error ? error.message : String(error),
      },
    },
  }
}
