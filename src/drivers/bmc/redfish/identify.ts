import { z } from 'zod'
import type { Answer } from './ask.ts'
import { patch } from './conditional.ts'
import { refused, unsupported } from './errors.ts'
import { messagesOf } from './messages.ts'
import { optional } from './optional.ts'
import type { RedfishSystem } from './system.ts'
import { flag, text } from './wire.ts'

const what = 'switch its identify light'

const lightSchema = z.object({ IndicatorLED: text, LocationIndicatorActive: flag })

type Light = z.output<typeof lightSchema>

/** The light of the system, else of its chassis. */
export async function switchLight(system: RedfishSystem, on: boolean): Promise<void> {
  const { client } = system
  const reading = await system.read(what)
  let answer: Answer | undefined
  for (const path of [reading.path, ...reading.system.Links.Chassis]) {
    const light = path === reading.path ? reading.system : await optional(client, path, lightSchema, what)
    for (const body of light ? bodies(light, on) : []) {
      answer = await patch(client, { path: client.path(path, what), what, body })
      if (answer.status < 300) return
    }
  }
  if (answer) throw refused(client.address, what, answer.status, messagesOf(answer.json))
  throw unsupported(client.address, 'identify light', 'Find the machine by its label.')
}

/** The property that this resource has: LocationIndicatorActive came in 2020 in place of IndicatorLED. */
function bodies(light: Light, on: boolean): object[] {
  if (typeof light.LocationIndicatorActive === 'boolean') return [{ LocationIndicatorActive: on }]
  if (light.IndicatorLED === null) return []
  // Some lights cannot blink.
  return on ? [{ IndicatorLED: 'Blinking' }, { IndicatorLED: 'Lit' }] : [{ IndicatorLED: 'Off' }]
}
