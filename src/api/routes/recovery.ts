import { FerruleError } from '../../domain/errors.ts'
import { confirmRecovery, recordedRecovery, showRecovery } from '../../services/recovery-plan.ts'
import type { Api, ApiContext } from '../context.ts'
import { problems } from '../schemas/problem.ts'
import { confirmBody, confirmed, recovery } from '../schemas/recovery.ts'

/** A restored database: what the records would be rebuilt to, and a person's word that they are. */
export function recoveryRoutes(api: Api, { services, mode }: ApiContext): void {
  const tags = ['recovery']
  api.get(
    '/recovery',
    {
      schema: {
        operationId: 'getRecovery',
        tags,
        summary:
          'In recovery mode: what the records would be rebuilt to. Reads MAAS, switches and BMCs; changes nothing',
        response: { 200: recovery, ...problems() },
      },
    },
    async () => {
      const reason = await standing()
      return reason
        ? { needed: true, reason: reason.message, plan: await showRecovery(services) }
        : { needed: false, reason: null, plan: null }
    },
  )
  api.post(
    '/recovery',
    {
      schema: {
        operationId: 'confirmRecovery',
        tags,
        summary: 'Rebuild the records as shown, and begin to work. Nothing on any device is changed',
        body: confirmBody,
        response: { 200: confirmed, ...problems() },
      },
    },
    async (request) => {
      const { fingerprint } = request.body
      const reason = await standing()
      const done = reason ? null : await recordedRecovery(services, fingerprint)
      if (!reason && !done)
        throw new FerruleError(
          'wrong-state',
          'there is nothing to recover: the database is not older than the world',
          'To recover all the same, start the daemon with --recover.',
        )
      const plan = done ?? (await confirmRecovery(services, request.caller, fingerprint))
      await mode.look()
      const refusal = mode.refusal()
      return { plan, left: refusal === null, reason: refusal?.message ?? null }
    },
  )

  /** Why a recovery is needed; null: it is not. While MAAS does not answer nobody knows, and nothing is guessed. */
  async function standing(): Promise<FerruleError | null> {
    await mode.look()
    const refusal = mode.refusal()
    if (refusal && refusal.code !== 'recovery-mode') throw refusal
    return refusal
  }
}
