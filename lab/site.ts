import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { otherMakes, type TorMake } from './tor/makes.ts'
import type { MachineSpec } from './world/layout.ts'
import { labRacks, rackNumber, TWO_RACKS } from './world/layout.ts'
import type { BmcProtocol, Cable } from './world/types.ts'

/**
 * What stands where in one lab: pure data, equal for equal site numbers and seeds. Site N owns 127.N.0.0/16, so
 * several labs live on one machine.
 */

export const PXE_VLAN = 10
/** A VLAN without any service, for ports of hosts that nobody may reach. */
export const QUARANTINE_VLAN = 999
export const TENANT_VLANS = { from: 100, to: 899 }
/** Those of them that CloudStack gives to its networks by itself. */
export const CLOUDSTACK_VLANS = { from: 300, to: 599 }
/** Where FTOS serves REST without TLS. */
const SWITCH_PORT = 8008

export interface SwitchPlan {
  name: string
  make: TorMake
  /** What it shows who connects, once it runs; null in clear text. */
  fingerprint: string | null
  rack: string
  address: string
  port: number
  username: string
  password: string
  /** New switches, and one with the older root of the REST tree. */
  root: 'dell' | 'ftos'
}

export interface SitePlan {
  site: number
  seed: number
  bmcPort: number
  httpsPort: number
  sshPort: number
  maas: { address: string; port: number }
  control: { address: string; port: number }
  cloudstack: { address: string; port: number }
  switches: SwitchPlan[]
  machines: MachineSpec[]
}

export interface SiteChoice {
  site: number
  seed: number
  bmcPort: number
  httpsPort: number
  sshPort: number
  /** r1 to r14; default: r1 and r2. */
  racks?: readonly string[] | undefined
  /** What the BMCs of these machines speak, by name. */
  protocols?: Readonly<Record<string, readonly BmcProtocol[]>> | undefined
  /** Of which make these switches are, by name; the others are Force10. */
  tors?: Readonly<Record<string, TorMake>> | undefined
}

export function planSite(choice: SiteChoice): SitePlan {
  const { site, seed, bmcPort, httpsPort, sshPort, racks = TWO_RACKS, protocols = {}, tors = {} } = choice
  const secret = (of: string) => createHash('sha256').update(`${seed} ${site} ${of}`).digest('hex')
  const switches = racks.flatMap((rack) =>
    [1, 2].map((number): SwitchPlan => {
      const name = `${rack}-tor${number}`
      const last = (rackNumber(rack) - 1) * 2 + number
      const password = `tor-${secret(name).slice(0, 16)}`
      const root = last === 4 ? 'ftos' : 'dell'
      const make = tors[name] ?? 'force10'
      const over = make === 'force10' ? null : otherMakes[make].over
      return {
        name,
        make,
        fingerprint: null,
        rack,
        address: `127.${site}.20.${last}`,
        port: over === null ? SWITCH_PORT : over === 'https' ? httpsPort : sshPort,
        username: 'admin',
        password,
        root,
      }
    }),
  )
  return {
    site,
    seed,
    bmcPort,
    httpsPort,
    sshPort,
    maas: { address: `127.${site}.0.1`, port: 5240 },
    control: { address: `127.${site}.0.1`, port: 5250 },
    cloudstack: { address: `127.${site}.0.1`, port: 8080 },
    switches,
    machines: labRacks(site, { ipmi: bmcPort, https: httpsPort, ssh: sshPort }, racks).map((machine) => ({
      ...machine,
      nics: machine.nics.map((nic) => ({ ...nic, cable: cableOf(nic.cable, switches) })),
      bmc: { ...machine.bmc, protocols: protocols[machine.name] ?? machine.bmc.protocols },
    })),
  }
}

/** The layout counts ports; a switch has names for them. */
function cableOf({ switch: address, port }: Cable, switches: readonly SwitchPlan[]): Cable {
  const make = switches.find((one) => one.address === address)?.make ?? 'force10'
  const number = Number(port.split('/')[1])
  return { switch: address, port: make === 'force10' ? port : otherMakes[make].portName(number) }
}

/** Looked through in this order, so that a second lab gets the next one. */
export const FIRST_SITE = 40
const LAST_SITE = 250

/** The first site from `from` on whose MAAS address can be bound. Throws if there is none. */
export async function freeSite(from = FIRST_SITE): Promise<number> {
  for (let site = from; site <= LAST_SITE; site += 1) {
    if (await canListen(`127.${site}.0.1`, 5240)) return site
  }
  throw new Error(
    `no free lab site: 127.N.0.1:5240 is taken or not loopback for every N of ${from}-${LAST_SITE}`,
  )
}

function canListen(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, address, () => probe.close(() => resolve(true)))
  })
}

/** IPMI's own port where this process may have it, else one that needs no privilege. */
export function bmcPortFor(site: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createSocket('udp4')
    probe.once('error', () => resolve(6623))
    probe.bind(623, `127.${site}.1.11`, () => probe.close(() => resolve(623)))
  })
}

/** The same for HTTPS. */
export async function httpsPortFor(site: number): Promise<number> {
  return (await canListen(`127.${site}.1.11`, 443)) ? 443 : 8443
}

/** The same for SSH. */
export async function sshPortFor(site: number): Promise<number> {
  return (await canListen(`127.${site}.1.11`, 22)) ? 22 : 2222
}
