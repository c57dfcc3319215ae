import type { Node } from '../model.ts'
import { PowerBusy, PowerFailed } from '../power.ts'
import type { Region } from '../region.ts'
import { type Answer, failure, forbidden, notFound, unavailable } from './answer.ts'
import type { Form } from './form.ts'

/** One request, routed and authenticated. */
export interface Call {
  region: Region
  user: string
  query: Form
  form: Form
  /** What the path's placeholders matched. */
  params: string[]
}

export type Handler = (call: Call) => Answer | Promise<Answer>

/**
 * A resource of the API: `GET`, `POST`, `PUT`, `DELETE`, or one of these with the name of a custom operation
 * (`POST deploy`).
 */
export interface Resource {
  /** As piston calls it; clients that read `describe/` find the resource by this name. */
  name: string
  path: string
  handlers: Record<string, Handler>
}

export function nodeOf(call: Call): Node {
  const node = call.region.node(call.params[0] ?? '')
  if (node === undefined) throw notFound('Machine')
  return node
}

/** A locked machine refuses, without saying why. */
export function unlocked(node: Node): Node {
  if (node.locked) throw forbidden()
  return node
}

/** Turns power failures into MAAS's answers. */
export async function withPower<T>(action: Promise<T>): Promise<T> {
  try {
    return await action
  } catch (error) {
    if (error instanceof PowerBusy) throw unavailable(error.message)
    if (error instanceof PowerFailed) throw failure(error.message)
    throw error
  }
}
