import { z } from 'zod'
import type { Lab } from '../types.ts'
import { findMachine } from './find-machine.ts'
import type { Route } from './http.ts'
import { ControlError } from './http.ts'

const placeShape = z.strictObject({ machine: z.string(), nic: z.string() })
const swapShape = z.strictObject({ one: placeShape, other: placeShape })

/** What befalls the room as a whole: how fast its time runs, and which cable is plugged in where. */
export function roomRoutes(lab: Lab): Route[] {
  const time = () => ({ scale: lab.world.clock.scale })
  return [
    { method: 'GET', pattern: '/time', handle: time },
    {
      method: 'PUT',
      pattern: '/time',
      handle({ body }) {
        const { scale } = z.strictObject({ scale: z.number().min(0.1).max(100_000) }).parse(body)
        try {
          lab.world.setTimeScale(scale)
        } catch (error) {
          if (error instanceof RangeError) throw new ControlError(409, error.message)
          throw error
        }
        return time()
      },
    },
    {
      method: 'POST',
      pattern: '/cables/swap',
      handle({ body }) {
        const { one, other } = swapShape.parse(body)
        for (const { machine, nic } of [one, other])
          if (!findMachine(lab, machine).nics.some(({ name }) => name === nic))
            throw new ControlError(404, `${machine} has no NIC ${nic}`)
        lab.world.swapCables(one, other)
        return { swapped: true }
      },
    },
  ]
}
