import { cliDriver } from './driver.ts'
import { arubaCx } from './profiles/aruba-cx.ts'
import { comware } from './profiles/comware.ts'
import { cumulus } from './profiles/cumulus.ts'
import { eos } from './profiles/eos.ts'
import { iosxe } from './profiles/iosxe.ts'
import { junos } from './profiles/junos.ts'
import { nxos } from './profiles/nxos.ts'
import { os10 } from './profiles/os10.ts'
import { sonic } from './profiles/sonic.ts'
import { vrp } from './profiles/vrp.ts'

/** Every family that is driven by its command line. */
export const cliDrivers = [os10, nxos, eos, iosxe, sonic, junos, arubaCx, comware, vrp, cumulus].map(
  cliDriver,
)
