/** What MAAS's IPMI power driver needs of a BMC; lab/bmc/client.ts has it. */
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
