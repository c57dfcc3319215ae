import { rememberedRequest, rememberRequest } from '../store/tokens.ts'
import type { Caller, Services } from './context.ts'

export interface Remembered {
  hash: string
  answer: unknown
}

/** What was answered to a request with this key, so that the same answer is given again. */
export async function rememberedAnswer(
  services: Services,
  caller: Caller,
  key: string,
): Promise<Remembered | null> {
  const found = await rememberedRequest(services.tools.db, caller.name, key)
  return found && { hash: found.hash, answer: found.response }
}

export async function rememberAnswer(
  services: Services,
  caller: Caller,
  key: string,
  remembered: Remembered & { operationId: string | null },
): Promise<void> {
  await rememberRequest(services.tools.db, {
    token: caller.name,
    key,
    hash: remembered.hash,
    operationId: remembered.operationId,
    response: remembered.answer,
  })
}
