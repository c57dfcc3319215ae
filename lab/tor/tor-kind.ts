import type { AnnouncedMac } from '../announced-macs.ts'
import type { LearnedMac } from '../switch/show.ts'
import type { LabSwitch } from './lab-switch.ts'

/** What a rack wants of one of its switches. */
export interface TorOptions {
  name: string
  address: string
  /** Of its management interface. */
  port: number
  username: string
  password: string
  /** Ports with a server on their cable: in the PXE VLAN. */
  hosts: readonly string[]
  unused: readonly string[]
  uplinks: readonly string[]
  pxeVlan: number
  /** Others that exist from the first day. */
  vlans: readonly number[]
  learned: () => readonly LearnedMac[]
  /** Whom it hears by LLDP. */
  announced: () => readonly AnnouncedMac[]
  /** Waits while the switch reboots. */
  bootTime: () => Promise<void>
  /** Its state in an earlier run of the lab, where there was one. */
  saved: unknown
}

/** A make of switches that a rack of the lab can have. */
export interface TorKind {
  /** In a rack file. */
  readonly type: string
  /** Which of the ports that the lab may bind its management interface has. */
  readonly over: 'https' | 'ssh'
  /** The one that a rack file need not name. */
  readonly usualPort: number
  /** Its own name for the nth port of its front, from 1. */
  portName(number: number): string
  start(options: TorOptions): Promise<LabSwitch>
}
