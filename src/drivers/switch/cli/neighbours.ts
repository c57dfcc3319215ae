import { colonMac } from '../colon-mac.ts'
import type { Announcement } from '../types.ts'

/** How a family writes its neighbours, one field to a line. */
export interface NeighbourWords {
  command: string
  /** The first line of what is said of a neighbour, or of a port. */
  begins: RegExp
  /** With the port of the switch as its first group. */
  heardOn: RegExp
  /** With the port id of the neighbour. */
  portId: RegExp
  /** With the seconds for which it is to be believed, or what is left of them. */
  seconds: RegExp
}

/** Only MAC addresses are looked for: some families do not tell what kind of port id they show. */
export function announcementsIn(answer: string, words: NeighbourWords): Announcement[] {
  const found: Announcement[] = []
  let port: string | null = null
  let mac: string | null = null
  let ttl: number | null = null
  const flush = () => {
    if (port !== null && mac !== null) found.push({ port, mac, ttl })
    mac = null
    ttl = null
  }
  for (const line of answer.split(/\r?\n/)) {
    if (words.begins.test(line)) flush()
    port = words.heardOn.exec(line)?.[1] ?? port
    mac = colonMac(words.portId.exec(line)?.[1] ?? '') ?? mac
    const seconds = words.seconds.exec(line)?.[1]
    if (seconds !== undefined) ttl = Number(seconds)
  }
  flush()
  return found
}

/** Of NX-OS. */
export const nxosNeighbours: NeighbourWords = {
  command: 'show lldp neighbors detail',
  begins: /^Chassis id:/,
  heardOn: /^Local Port id: (\S+)/,
  portId: /^Port id: (\S+)/,
  seconds: /^Time remaining: (\d+) seconds/,
}

export const iosxeNeighbours: NeighbourWords = {
  command: 'show lldp neighbors detail',
  begins: /^Local Intf:/,
  heardOn: /^Local Intf: (\S+)/,
  portId: /^Port id: (\S+)/,
  seconds: /^Time remaining: (\d+) seconds/,
}

export const eosNeighbours: NeighbourWords = {
  command: 'show lldp neighbors detail',
  begins: /^(?:Interface \S+ detected|\s+Neighbor )/,
  heardOn: /^Interface (\S+) detected/,
  portId: /^\s+Port ID +: (\S+)/,
  seconds: /^\s+- Time To Live: (\d+) seconds/,
}

export const os10Neighbours: NeighbourWords = {
  command: 'show lldp neighbors detail',
  begins: /^Remote Chassis ID Subtype:/,
  heardOn: /^Local Port ID: (\S+)/,
  portId: /^Remote Port ID: (\S+)/,
  seconds: /^Remote TTL: (\d+)/,
}
