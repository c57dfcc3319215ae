import { createIpmiDriver } from './ipmi/driver.ts'
import type { IpmiDriverOptions } from './ipmi/options.ts'
import type { BmcDriver } from './types.ts'

export interface BmcDriverOptions {
  ipmi?: IpmiDriverOptions
}

/** Every BMC driver there is, by the name that a host's configuration gives. Each is closed at shutdown. */
export function createBmcDrivers(options: BmcDriverOptions = {}): ReadonlyMap<string, BmcDriver> {
  return new Map<string, BmcDriver>([['ipmi', createIpmiDriver(options.ipmi)]])
}
