/** What MAAS's power drivers need of a BMC; lab/bmc/client.ts and lab/redfish/client.ts have it. */
export interface BmcPower {
  power(): Promise<'on' | 'off'>
  on(): Promise<void>
  off(): Promise<void>
  cycle(): Promise<void>
  /** Boot device network, for the next boot only. */
  pxeOnce(): Promise<void>
  /** ACPI button; a hard off where it is missing. */
  soft?(): Promise<void>
}

export type PowerDriver = (bmc: {
  address: string
  port: number
  username: string
  password: string
}) => BmcPower

/** Power types that the lab's MAAS has a driver for; the power of a machine of another one it leaves alone. */
export type DrivenPowerType = 'ipmi' | 'redfish'
export type PowerDrivers = Readonly<Record<DrivenPowerType, PowerDriver>>

export function isDriven(powerType: string): powerType is DrivenPowerType {
  return powerType === 'ipmi' || powerType === 'redfish'
}
