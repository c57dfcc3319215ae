import type { DhcpServer } from '../world/types.ts'
import { routerAnswer } from './router-services.ts'
import type { Subnet } from './subnet.ts'
import { addressAt, parseCidr } from './subnet.ts'

/**
 * CloudStack's virtual routers, one in each tenant VLAN. CloudStack allocates the MAC and the address of every NIC
 * before the machine exists, and its dnsmasq answers those MACs only: a server that asks with another MAC, or in
 * another network's VLAN, gets no address.
 */

export interface NicRequest {
  mac?: string | undefined
  /** Default: the next one of the network. */
  ip?: string | undefined
  userData?: string | undefined
  sshKeys?: readonly string[] | undefined
  hostname?: string | undefined
  /** Default: made of the MAC. */
  instanceId?: string | undefined
  /** Kept until its server has fetched it. */
  password?: string | undefined
}

/** What is shown of a NIC: never its password. */
export interface RouterNic {
  mac: string
  ip: string
  userData: string
  sshKeys: string[]
  hostname: string
  instanceId: string
}

interface KnownNic extends RouterNic {
  password: string | null
}

export interface RouterLease {
  vlan: number
  network: string
  mac: string
  ip: string
  hostname: string
  /** Virtual time of the router's latest answer. */
  at: number
}

export interface RouterNetwork {
  vlan: number
  name: string
  /** The router's own name: that of the network, or of the VPC that the network is a tier of. */
  router: string
  /** Which prefix of IPv6 is advertised in it, and by whom. Absent: none. */
  ip6?: Advertised
  cidr: string
  gateway: string
  nics: RouterNic[]
}

/** A router's leg in one VLAN. */
interface Router {
  vlan: number
  name: string
  /** Absent: the network's. */
  router?: string | undefined
  ip6?: Advertised | undefined
  subnet: Subnet
  nics: Map<string, KnownNic>
  /** Counts up and never back: an address or MAC is not given to another NIC while its former owner may still use it. */
  allocated: number
  answered: Map<string, number>
}

/** In a shared network it is a router of the operator's, and not the virtual one. */
interface Advertised {
  cidr: string
  router: string
}

/** `gateway`: the first address unless it is given. `router`: that of a VPC, which has a leg in several networks. */
interface NewNetwork {
  vlan: number
  cidr: string
  name: string
  gateway?: string | undefined
  router?: string | undefined
  ip6?: Advertised | undefined
}

export class RouterError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RouterError'
  }
}

export class VirtualRouters {
  readonly #servers: Map<number, DhcpServer>
  readonly #now: () => number
  readonly #routers = new Map<number, Router>()
  #changed: () => void = () => {}

  /** `servers` is the world's map of DHCP servers by VLAN: routers enter themselves there. */
  constructor(servers: Map<number, DhcpServer>, now: () => number) {
    this.#servers = servers
    this.#now = now
  }

  /** Called after everything that a snapshot should hold. */
  onChange(listener: () => void): void {
    this.#changed = listener
  }

  addNetwork({ vlan, cidr, name, gateway, router, ip6 }: NewNetwork): RouterNetwork {
    if (!Number.isInteger(vlan) || vlan < 1 || vlan > 4094)
      throw new RouterError(`VLAN ${vlan} is not in 1-4094`)
    if (this.#servers.has(vlan))
      throw new RouterError(`VLAN ${vlan} has the DHCP server ${this.#servers.get(vlan)?.name}`)
    return this.#open({
      vlan,
      name,
      router,
      ip6,
      subnet: { ...subnetOf(cidr), ...(gateway === undefined ? {} : { gateway }) },
      nics: new Map(),
      allocated: 0,
      answered: new Map(),
    })
  }

  removeNetwork(vlan: number): void {
    this.#router(vlan)
    this.#routers.delete(vlan)
    this.#servers.delete(vlan)
    this.#changed()
  }

  /** Reserves an address for a NIC; the same MAC again keeps its address and takes the new metadata. */
  reserve(vlan: number, request: NicRequest): { mac: string; ip: string } {
    const router = this.#router(vlan)
    const given = request.mac?.toLowerCase()
    if (given !== undefined && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(given))
      throw new RouterError(`"${given}" is not a MAC address`)
    const present = given === undefined ? undefined : router.nics.get(given)
    if (present === undefined) router.allocated += 1
    const mac = given ?? allocatedMac(vlan, router.allocated)
    const nic: KnownNic = {
      mac,
      ip: request.ip ?? present?.ip ?? allocatedIp(router),
      userData: request.userData ?? present?.userData ?? '',
      sshKeys: [...(request.sshKeys ?? present?.sshKeys ?? [])],
      hostname: request.hostname ?? present?.hostname ?? `vm-${mac.replaceAll(':', '')}`,
      instanceId: request.instanceId ?? present?.instanceId ?? `cloudstack-${mac}`,
      password: request.password ?? present?.password ?? null,
    }
    router.nics.set(mac, nic)
    this.#changed()
    return { mac, ip: nic.ip }
  }

  release(vlan: number, mac: string): void {
    const router = this.#router(vlan)
    if (!router.nics.delete(mac.toLowerCase())) throw new RouterError(`VLAN ${vlan} has no NIC ${mac}`)
    router.answered.delete(mac.toLowerCase())
    this.#changed()
  }

  networks(): RouterNetwork[] {
    return [...this.#routers.values()].map(describe)
  }

  leases(): RouterLease[] {
    return [...this.#routers.values()].flatMap((router) =>
      [...router.answered].flatMap(([mac, at]) => {
        const nic = router.nics.get(mac)
        return nic === undefined
          ? []
          : [{ vlan: router.vlan, network: router.name, mac, ip: nic.ip, hostname: nic.hostname, at }]
      }),
    )
  }

  snapshot(): unknown {
    return [...this.#routers.values()].map((router) => ({
      ...router,
      nics: [...router.nics],
      answered: [...router.answered],
    }))
  }

  restore(state: unknown): void {
    const saved = state as (Omit<Router, 'nics' | 'answered'> & {
      nics: [string, KnownNic][]
      answered: [string, number][]
    })[]
    for (const router of saved)
      this.#open({ ...router, nics: new Map(router.nics), answered: new Map(router.answered) })
  }

  #open(router: Router): RouterNetwork {
    this.#routers.set(router.vlan, router)
    this.#servers.set(router.vlan, {
      name: `router-${router.router ?? router.name}`,
      vlan: router.vlan,
      offer: (mac) => {
        const nic = router.nics.get(mac.toLowerCase())
        if (nic === undefined) return null
        router.answered.set(nic.mac, this.#now())
        this.#changed()
        return { ip: nic.ip }
      },
      advertises: () => router.ip6 ?? null,
      answer: (from, request) => {
        const nic = [...router.nics.values()].find(({ ip }) => ip === from)
        if (nic === undefined) return null
        return routerAnswer(nic, request, () => {
          nic.password = null
          this.#changed()
        })
      },
    })
    this.#changed()
    return describe(router)
  }

  #router(vlan: number): Router {
    const router = this.#routers.get(vlan)
    if (router === undefined) throw new RouterError(`no network has VLAN ${vlan}`)
    return router
  }
}

function subnetOf(cidr: string): Subnet {
  try {
    return parseCidr(cidr)
  } catch (error) {
    throw new RouterError(error instanceof Error ? error.message : String(error))
  }
}

/** Like CloudStack's: locally administered, 02 first; here the VLAN and a number make it unique and repeatable. */
function allocatedMac(vlan: number, number: number): string {
  const bytes = [0x02, 0x01, vlan >> 8, vlan & 0xff, (number >> 8) & 0xff, number & 0xff]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** The network's own address, the gateway and the broadcast address are left out. */
function allocatedIp(router: Router): string {
  const offset = router.allocated + 1
  if (offset >= router.subnet.size - 1) throw new RouterError(`network ${router.name} has no address left`)
  return addressAt(router.subnet.first + offset)
}

function describe(router: Router): RouterNetwork {
  const { cidr, gateway } = router.subnet
  const { vlan, name, router: own = name, ip6, nics } = router
  const shown = [...nics.values()].map(({ password: _, ...nic }) => nic)
  return { vlan, name, router: own, ...(ip6 && { ip6 }), cidr, gateway, nics: shown }
}
