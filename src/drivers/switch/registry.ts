import { FerruleError } from '../../domain/errors.ts'
import { eapi } from './eapi/driver.ts'
import { force10 } from './force10/driver.ts'
import { nvue } from './nvue/driver.ts'
import { nxapi } from './nxapi/driver.ts'
import { ovsdb } from './ovsdb/driver.ts'
import type { SwitchDriver } from './types.ts'

/** Every switch family that Ferrule can drive, by the rack file's `type` in lower case. */
export const switchDrivers: ReadonlyMap<string, SwitchDriver> = new Map([
  [force10.type.toLowerCase(), force10],
  [ovsdb.type.toLowerCase(), ovsdb],
  [eapi.type.toLowerCase(), eapi],
  [nxapi.type.toLowerCase(), nxapi],
  [nvue.type.toLowerCase(), nvue],
])

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
