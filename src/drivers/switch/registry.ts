import { FerruleError } from '../../domain/errors.ts'
import { cliDrivers } from './cli/profiles.ts'
import { eapi } from './eapi/driver.ts'
import { force10 } from './force10/driver.ts'
import { nvue } from './nvue/driver.ts'
import { nxapi } from './nxapi/driver.ts'
import { gnmi } from './openconfig/gnmi/driver.ts'
import { netconf } from './openconfig/netconf/driver.ts'
import { restconf } from './openconfig/restconf/driver.ts'
import { ovsdb } from './ovsdb/driver.ts'
import type { SwitchDriver } from './types.ts'

const drivers: readonly SwitchDriver[] = [
  force10,
  ovsdb,
  eapi,
  nxapi,
  nvue,
  netconf,
  restconf,
  gnmi,
  ...cliDrivers,
]

/** Every switch family that Ferrule can drive, by the rack file's `type` in lower case. */
export const switchDrivers: ReadonlyMap<string, SwitchDriver> = new Map(
  drivers.map((driver) => [driver.type.toLowerCase(), driver]),
)

/** @throws invalid-input that names the known types */
export function switchDriver(type: string): SwitchDriver {
  const driver = switchDrivers.get(type.trim().toLowerCase())
  if (driver) return driver
  const known = [...switchDrivers.values()].map((candidate) => candidate.type)
  throw new FerruleError(
    'invalid-input',
    `Switch type "${type}" is not known`,
    `Use one of: ${known.join(', ')}.`,
    { type, known },
  )
}
