import { z } from 'zod'
import { FerruleError } from '../../domain/errors.ts'
import type { Api, ApiContext } from '../context.ts'
import type { LabRoom } from '../lab.ts'
import { labAct, labView } from '../schemas/lab.ts'
import { problems } from '../schemas/problem.ts'

/** The dials of the lab in the browser: where Ferrule runs on real racks, there is nothing here. */
export function labRoutes(api: Api, { lab }: ApiContext): void {
  const tags = ['lab']
  api.get(
    '/lab',
    {
      schema: {
        operationId: 'getLab',
        tags,
        summary:
          'Only where "npm start" runs a lab: its machines and dials, as a witness in the room sees them',
        response: { 200: labView, ...problems() },
      },
    },
    async () => roomOf(lab).view(),
  )
  api.post(
    '/lab/acts',
    {
      schema: {
        operationId: 'actInLab',
        tags,
        summary: 'Turn a dial, pull or swap a cable, press a button in the room',
        body: labAct,
        response: { 204: z.undefined().describe('Done'), ...problems() },
      },
    },
    async (request, reply) => {
      await roomOf(lab).act(request.body)
      return reply.code(204).send()
    },
  )
}

function roomOf(lab: LabRoom | undefined): LabRoom {
  if (lab) return lab
  throw new FerruleError(
    'not-found',
    'this Ferrule runs on no lab',
    'Start one with "npm start"; what is done to real racks is done to the racks.',
  )
}
