import type { ManagementController } from '../../bmc/controller.ts'

export type Health = 'OK' | 'Warning' | 'Critical'

/** The worst that sensors and power supplies say. */
export function health({ sensors, machine }: ManagementController): Health {
  sensors.scan()
  const crossed = sensors.table.flatMap((sensor) => [...sensors.crossed(sensor)])
  if (crossed.some((name) => !name.endsWith('nc'))) return 'Critical'
  const lame = machine.readings().psus.some(({ present, failed }) => failed || !present)
  return lame || crossed.length > 0 ? 'Warning' : 'OK'
}
