/** Where Redfish says that a system's serial port is to be had, at the BMC's own address. */
export type ConsolePlace =
  | { protocol: 'ipmi'; port: number }
  | {
      protocol: 'ssh'
      port: number
      /** What leads from the command line of the BMC to the serial port; null: the login leads there. */
      entryCommand: string | null
      /** The way out of the serial port leads to the command line. */
      besideCommandLine: boolean
    }
