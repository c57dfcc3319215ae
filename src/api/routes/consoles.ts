import { issueHostTicket } from '../../services/consoles.ts'
import { findHost } from '../../services/hosts.ts'
import type { Api, ApiContext } from '../context.ts'
import { keyParam } from '../schemas/common.ts'
import { consoleState, consoleTicket } from '../schemas/consoles.ts'
import { problems } from '../schemas/problem.ts'

export function consoleRoutes(api: Api, { services, consoles }: ApiContext): void {
  const tags = ['hosts']
  api.get(
    '/hosts/:key/console',
    {
      schema: {
        operationId: 'getConsole',
        tags,
        summary: 'Who watches its serial console through this replica',
        params: keyParam,
        response: { 200: consoleState, ...problems() },
      },
    },
    async (request) => {
      const { host } = await findHost(services, request.params.key)
      const room = consoles.room(host.id)
      return { line: room?.line.state ?? ('closed' as const), viewers: room?.viewers ?? [] }
    },
  )
  api.post(
    '/hosts/:key/console',
    {
      schema: {
        operationId: 'openConsole',
        tags,
        summary: 'A ticket for its serial console, valid once and for a minute',
        description:
          'For browsers, which cannot send a token with a WebSocket: offer the subprotocols ferrule.console.v1 and ferrule.ticket.TICKET at /api/v1/hosts/HOST/console/stream.',
        params: keyParam,
        response: { 200: consoleTicket, ...problems() },
      },
    },
    async (request) => issueHostTicket(services, request.caller, request.params.key),
  )
}
