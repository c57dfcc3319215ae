import { byteAt } from './bytes.ts'
import { IpmiError } from './client-error.ts'
import { ClientSession, type IpmiTarget } from './client-session.ts'
import { CHASSIS_CONTROL, CONTROL } from './commands-chassis.ts'
import { COMPLETION, NETFN } from './message.ts'

/** What MAAS does to a machine by its BMC. Each call is a session of its own, as with FreeIPMI's tools. */
export interface IpmiClient {
  power(): Promise<'on' | 'off'>
  /** MAAS's power on: PXE once, then cycle when on, else on. A boot device that is refused does not stop it. */
  on(): Promise<void>
  off(): Promise<void>
  /** ACPI button. */
  soft(): Promise<void>
  /** A cycle when on, else on (`ipmipower --cycle --on-if-off`). */
  cycle(): Promise<void>
  pxeOnce(): Promise<void>
}

const CHASSIS_STATUS = 0x01
const SET_BOOT_OPTIONS = 0x08
const GET_BOOT_OPTIONS = 0x09
const BOOT_FLAGS = 0x05
/** Parameter 3, with every reason to clear the valid bit switched off; parameter 4, everybody has acknowledged. */
const KEEP_VALID_BIT = Buffer.from([0x03, 0x1f])
const ACKNOWLEDGE_ALL = Buffer.from([0x04, 0xff, 0xff])
const VALID_ONCE = 0x80
const EFI = 0x20
const NETWORK = 0x04

/**
 * The IPMI client of the lab's MAAS. Everything throws IpmiError, `BMC unreachable` after 4 sends 500 ms apart.
 *
 * @example
 * const bmc = ipmi({ address: '127.40.1.13', port: 623, username: 'maas', password: 'secret' })
 * if ((await bmc.power()) === 'off') await bmc.on()
 */
export function ipmi(target: IpmiTarget): IpmiClient {
  return {
    power: () => inSession(target, powerState),
    on: async () => {
      try {
        await inSession(target, setPxeOnce)
      } catch (error) {
        // MAAS logs a refused boot device and goes on; everything else stops it.
        if (!(error instanceof IpmiError && error.kind === 'command')) throw error
      }
      await inSession(target, cycleOrOn)
    },
    off: () => inSession(target, (session) => control(session, CONTROL.off)),
    soft: () => inSession(target, (session) => control(session, CONTROL.soft)),
    cycle: () => inSession(target, cycleOrOn),
    pxeOnce: () => inSession(target, setPxeOnce),
  }
}

async function inSession<T>(target: IpmiTarget, use: (session: ClientSession) => Promise<T>): Promise<T> {
  const session = await ClientSession.open(target)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}

async function powerState(session: ClientSession): Promise<'on' | 'off'> {
  const status = await session.command(NETFN.chassis, CHASSIS_STATUS, Buffer.alloc(0))
  return (byteAt(status, 0) & 1) === 1 ? 'on' : 'off'
}

async function control(session: ClientSession, action: number): Promise<void> {
  await session.command(NETFN.chassis, CHASSIS_CONTROL, Buffer.from([action]))
}

async function cycleOrOn(session: ClientSession): Promise<void> {
  if ((await powerState(session)) === 'off') return control(session, CONTROL.on)
  try {
    await control(session, CONTROL.cycle)
  } catch (error) {
    // It went off in between.
    if (!(error instanceof IpmiError && error.code === COMPLETION.notInPresentState)) throw error
    await control(session, CONTROL.on)
  }
}

/** The writes of ipmi-chassis-config, in its order. It reads first: the firmware type (EFI or legacy) stays. */
async function setPxeOnce(session: ClientSession): Promise<void> {
  const now = await session.command(NETFN.chassis, GET_BOOT_OPTIONS, Buffer.from([BOOT_FLAGS, 0, 0]))
  const flags = VALID_ONCE | (byteAt(now, 2) & EFI)
  await session.command(NETFN.chassis, SET_BOOT_OPTIONS, Buffer.from([BOOT_FLAGS, flags, NETWORK, 0, 0, 0]))
  await session.command(NETFN.chassis, SET_BOOT_OPTIONS, KEEP_VALID_BIT)
  await session.command(NETFN.chassis, SET_BOOT_OPTIONS, ACKNOWLEDGE_ALL)
}
