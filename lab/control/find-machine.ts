import type { Lab } from '../types.ts'
import type { Machine } from '../world/types.ts'
import { ControlError } from './http.ts'

export function findMachine(lab: Lab, name: string): Machine {
  const machine = lab.world.machines.find((entry) => entry.name === name)
  if (machine === undefined) throw new ControlError(404, `no machine ${name} in this lab`)
  return machine
}
