/** A serial console behind SSH, and who is expected there. */
export interface SshTarget {
  /** Name or IP literal, without brackets. */
  host: string
  port: number
  /** `host:port`, for messages. */
  key: string
  username: string
  password: string
  /** The host key that a person has trusted, as OpenSSH writes it; undefined: none yet. */
  fingerprint: string | undefined
  /** For messages: the name of the host, if it is known. */
  name: string | undefined
  /** What leads from the command line of the BMC to the serial port; null: the login leads there. */
  entryCommand: string | null
  besideCommandLine: boolean
}
