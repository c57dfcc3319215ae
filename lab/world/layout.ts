import { createHash } from 'node:crypto'
import type { DiskSpec } from './disk.ts'
import type { BmcIdentity, BmcProtocol, Cable } from './types.ts'

export interface MachineSpec {
  name: string
  rack: string
  uuid: string
  model: string
  serial: string
  cpuCount: number
  cpuSpeedMhz: number
  memoryMiB: number
  nics: { name: string; mac: string; cable: Cable }[]
  disks: DiskSpec[]
  bmc: BmcIdentity
}

export const MANUFACTURER = 'Lab Systems'

const HOSTS_PER_RACK = 8
const GB = 1e9

export interface BmcPorts {
  ipmi: number
  https: number
  ssh: number
}

/** Most speak IPMI alone, as most racks' do; one machine speaks both, and one Redfish alone. */
const REDFISH: Readonly<Record<string, readonly BmcProtocol[]>> = {
  'r2-h5': ['ipmi', 'redfish'],
  'r2-h7': ['redfish'],
}

/** What stands in a lab unless more is asked for. */
export const TWO_RACKS = ['r1', 'r2']
/** The fourth byte of a MAC has room for no more. */
export const MOST_RACKS = 14

/** Racks are named r1 to r14: their numbers are parts of addresses and MACs. */
export function rackNumber(name: string): number {
  const number = Number(/^r([1-9][0-9]?)$/.exec(name)?.[1])
  if (!(number <= MOST_RACKS)) throw new Error(`${name} is no rack of a lab: these are r1 to r${MOST_RACKS}`)
  return number
}

/**
 * The lab's racks: two switches and eight hosts each. Odd hosts are the large ones with two NICs (one to each
 * switch of the rack) and two disks, even hosts the small ones with one of each.
 * @param site the 127.N.0.0/16 that the lab owns, 1..250
 */
export function labRacks(site: number, ports: BmcPorts, racks: readonly string[] = TWO_RACKS): MachineSpec[] {
  return racks
    .map(rackNumber)
    .flatMap((rack) =>
      Array.from({ length: HOSTS_PER_RACK }, (_, index) => labHost(site, ports, rack, index + 1)),
    )
}

function labHost(site: number, ports: BmcPorts, rack: number, host: number): MachineSpec {
  const name = `r${rack}-h${host}`
  const large = host % 2 === 1
  const digest = createHash('sha256').update(`${site}/${name}`).digest('hex')
  const mac = (last: number) => `52:54:00:${hex(site)}:${hex(rack * 16 + host)}:${hex(last)}`
  const nic = (number: number) => ({
    name: `eno${number}`,
    mac: mac(number),
    cable: { switch: `127.${site}.20.${(rack - 1) * 2 + number}`, port: `1/${host}` },
  })
  const serial = `FL${hex(site)}${rack}${host}`.toUpperCase()
  const disk = (letter: string, size: number, model: string): DiskSpec => ({
    name: `sd${letter}`,
    serial: `${serial}D${letter.toUpperCase()}`,
    model,
    size,
  })
  return {
    name,
    rack: `r${rack}`,
    uuid: uuidOf(digest),
    model: large ? 'LS-2200' : 'LS-1100',
    serial,
    cpuCount: large ? 16 : 8,
    cpuSpeedMhz: large ? 2900 : 2400,
    memoryMiB: (large ? 64 : 32) * 1024,
    nics: large ? [nic(1), nic(2)] : [nic(1)],
    disks: large
      ? [disk('a', 480 * GB, 'LAB SSD 480'), disk('b', 960 * GB, 'LAB SSD 960')]
      : [disk('a', 480 * GB, 'LAB SSD 480')],
    bmc: {
      address: `127.${site}.${rack}.${10 + host}`,
      protocols: REDFISH[name] ?? ['ipmi'],
      port: ports.ipmi,
      httpsPort: ports.https,
      sshPort: ports.ssh,
      username: 'admin',
      // At most 16 bytes: what IPMI 1.5 and many BMCs take (IPMI 2.0 allows 20).
      password: `bmc-${digest.slice(-10)}`,
      mac: mac(0xf0),
    },
  }
}

function hex(number: number): string {
  return number.toString(16).padStart(2, '0')
}

/** A version 4 look, as SMBIOS of most vendors gives. */
function uuidOf(digest: string): string {
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `4${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}
