import type { Bmcs } from '../parts/bmcs.ts'
import type { LabSwitch } from '../tor/lab-switch.ts'
import type { World } from '../world/types.ts'
import type { FaultTarget } from './fault-target.ts'
import { objectTarget } from './fault-target.ts'
import { machineTarget } from './targets.ts'

interface FaultyParts {
  world: World
  bmcs: Bmcs
  switches: ReadonlyMap<string, LabSwitch>
  maas: { dials: object }
  cloudstack: { dials: object }
}

/** Everything that can be made to misbehave, by its path in the control API: "maas", "bmc/r1-h1", "switch/r1-tor1". */
export function faultTargets({
  world,
  bmcs,
  switches,
  maas,
  cloudstack,
}: FaultyParts): Map<string, FaultTarget> {
  return new Map([
    ['maas', objectTarget(maas.dials)] as const,
    ['cloudstack/server', objectTarget(cloudstack.dials)] as const,
    ...[...bmcs.controllers].map(([name, { dials }]) => [`bmc/${name}`, objectTarget(dials)] as const),
    ...[...bmcs.redfish].map(([name, { dials }]) => [`redfish/${name}`, objectTarget(dials)] as const),
    ...world.machines.map(
      (machine) =>
        [`machine/${machine.name}`, machineTarget(machine, () => machine.hardwareChanged())] as const,
    ),
    ...[...switches].map(([name, server]) => [`switch/${name}`, server.faults] as const),
  ])
}
