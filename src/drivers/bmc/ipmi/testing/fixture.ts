import { onTestFinished } from 'vitest'
import type { Bmc } from '../../types.ts'
import { createIpmiDriver, type IpmiDriver } from '../driver.ts'
import type { IpmiDriverOptions } from '../options.ts'
import { holdHost, type TestLease } from './host-lease.ts'
import { ScriptedBmc } from './scripted-bmc.ts'

export interface Fixture {
  bmc: ScriptedBmc
  driver: IpmiDriver
  client: Bmc
  lease: TestLease
}

/** A scripted BMC and a client of it with short times; both end with the test. */
export async function scripted(options: IpmiDriverOptions = {}, password = 'secret'): Promise<Fixture> {
  const bmc = await ScriptedBmc.start('admin', 'secret')
  const driver = createIpmiDriver({
    requestTimeoutMs: 300,
    retransmitMs: 40,
    sessionLingerMs: 5000,
    sessionRetryMs: 10,
    sessionsFullMs: 150,
    consoleKeepAliveMs: 5000,
    ...options,
  })
  onTestFinished(async () => {
    await driver.close()
    await bmc.stop()
  })
  const client = driver.open({ address: bmc.address, username: 'admin', password })
  return { bmc, driver, client, lease: holdHost() }
}
