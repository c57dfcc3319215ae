import { z } from 'zod'
import { refused } from '../../https/errors.ts'
import type { RestconfApi } from './api.ts'

/** Releases differ in what they say: 0, or "SUCCESS." */
const copied = z.looseObject({
  'sonic-config-mgmt:output': z.looseObject({
    status: z.union([z.number(), z.string()]),
    'status-detail': z.string().optional(),
  }),
})

/** @throws switch-refused if the switch does not say that it has saved, and what the client throws */
export async function saveRunning(address: string, api: RestconfApi, signal: AbortSignal): Promise<void> {
  const input = { source: 'running-configuration', destination: 'startup-configuration' }
  const answer = await api.invoke('sonic-config-mgmt:copy', { 'sonic-config-mgmt:input': input }, signal)
  // 204: it is done, without a word.
  if (answer === null) return
  const output = copied.safeParse(answer).data?.['sonic-config-mgmt:output']
  if (output?.status === 0 || /^(?:0|success\.?)$/i.test(String(output?.status))) return
  const said = output ? `${output.status} ${output['status-detail'] ?? ''}`.trim() : 'nothing that is known'
  throw refused(address, 'copy running-configuration startup-configuration', `it answered ${said}`)
}
