import type { Command } from './message.ts'

/** Chassis network function (IPMI 2.0 §5.1 table 5-1). */
export const chassisNetFn = 0x00

/** Get Chassis Status (IPMI 2.0 §28.2). */
export const getChassisStatus: Command = {
  name: 'Get Chassis Status',
  netFn: chassisNetFn,
  number: 0x01,
  data: Buffer.alloc(0),
  level: 'user',
}

/** Bit 0 of "current power state" (§28.2 table 28-3); undefined for a reply without it. */
export function decodeChassisPower(data: Buffer): 'on' | 'off' | undefined {
  const state = data[0]
  if (state === undefined) return undefined
  return (state & 0x01) === 1 ? 'on' : 'off'
}

/** Chassis Control (§28.3 table 28-4). Soft shutdown is an emulated over-temperature event for ACPI. */
export const chassisControl = {
  powerDown: control('power off', 0x00),
  powerUp: control('power on', 0x01),
  powerCycle: control('power cycle', 0x02),
  hardReset: control('hard reset', 0x03),
  softShutdown: control('soft shutdown', 0x05),
} as const

function control(name: string, action: number): Command {
  return { name, netFn: chassisNetFn, number: 0x02, data: Buffer.from([action]) }
}
