import type { SeenPort } from '../../domain/port-plan.ts'
import type { HostDrift } from '../../services/drift.ts'
import { hostDrift } from '../../services/drift.ts'
import { healHost } from '../../services/heal.ts'
import { switchPorts as switchPortsOf } from '../../services/switch-ports.ts'
import type { Api, ApiContext } from '../context.ts'
import { answerOnce } from '../idempotency.ts'
import { toOperation } from '../operation-json.ts'
import { begun } from '../responses.ts'
import { addressParam, idempotencyHeaders, keyParam } from '../schemas/common.ts'
import { drift, healBody, switchPorts } from '../schemas/drift.ts'
import { operation } from '../schemas/operations.ts'
import { problems } from '../schemas/problem.ts'

/** What differs from what is wanted, and the operation that puts it right. */
export function driftRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['hosts']
  api.get(
    '/hosts/:key/drift',
    {
      schema: {
        operationId: 'getDrift',
        tags,
        summary: 'Our records × MAAS × switches × BMC, read this moment',
        params: keyParam,
        response: { 200: drift, ...problems() },
      },
    },
    async (request) => {
      const found = await hostDrift(services, request.params.key)
      return { ...found, ports: found.ports.map(toPort) }
    },
  )
  api.get(
    '/switches/:key/ports',
    {
      schema: {
        operationId: 'getSwitchPorts',
        tags: ['racks'],
        summary:
          'wanted × running × saved of every port of a switch that a rack file gives us, read this moment',
        params: addressParam,
        response: { 200: switchPorts, ...problems() },
      },
    },
    async (request) => {
      const found = await switchPortsOf(services, request.params.key)
      return { ...found, ports: found.ports.map(toPort) }
    },
  )
  api.post(
    '/hosts/:key/heal',
    {
      schema: {
        operationId: 'healHost',
        tags,
        summary: 'Ports, saved configuration and boot device as wanted; power only if asked',
        headers: idempotencyHeaders,
        params: keyParam,
        body: healBody,
        response: { 202: operation, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await answerOnce(context, request, async () => {
        const started = await healHost(services, request.caller, request.params.key, request.body ?? {})
        return begun(started, toOperation(started))
      })
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
}

type Compared = Pick<HostDrift['ports'][number], 'wanted' | 'running' | 'saved'>

function toPort<Port extends Compared>({ wanted, running, saved, ...port }: Port) {
  const own = (seen: SeenPort | null) =>
    seen && {
      mode: seen.mode,
      untagged: seen.untagged,
      tagged: [...seen.tagged],
      enabled: seen.enabled,
      lag: seen.lag ?? null,
    }
  return { ...port, wanted: own(wanted), running: own(running), saved: own(saved) }
}
