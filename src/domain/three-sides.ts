import { differenceOf, type SeenVm } from './cloud-view.ts'
import type { Instance, InstanceNic } from './instance.ts'
import type { SeenPort } from './port-plan.ts'
import { carriesSame, describePort } from './port-plan.ts'

export interface CloudSight {
  /** Null: CloudStack has no such VM. */
  vm: SeenVm | null
  /** ISO time at which that look began. */
  at: string
}

/** A port as a look at its switch saw it. */
export interface PortSeen {
  running: SeenPort
  /** What it would be after a restart of the switch. */
  saved: SeenPort
  /** ISO time at which that look began. */
  at: string
}

export interface PortSide {
  switch: string
  port: string
  /** Null: nobody can say now. */
  wanted: SeenPort | null
  /** Null: no look has seen it yet. */
  seen: PortSeen | null
  /** Why the newest look at its switch saw nothing. */
  failure: string | null
}

export interface SidesFacts {
  instance: Instance
  /** Names of networks by id. */
  networks: ReadonlyMap<string, string>
  /** Null: CloudStack's records were not looked at. */
  cloud: CloudSight | null
  ports: readonly PortSide[]
  /** Why nobody can say now what it is to be like: an operation changes it. */
  busy: string | null
  /** ISO time of the end of the operation that changed it last: an older look saw what was before. */
  changedAt: string | null
}

/** One thing as each of the three has it, in the same words; null: that side has no say in it, or nobody looked. */
export interface SideRow {
  about: 'state' | 'nic' | 'port'
  thing: string
  cloudstack: string | null
  ferrule: string | null
  switch: string | null
  /** ISO time of what `switch` says; null: it has no say, or nobody looked. */
  switchSeenAt: string | null
  differs: boolean
}

/** CloudStack's records × ours × what the switches carry, of one instance. */
export interface ThreeSides {
  /** It was deployed through CloudStack, which has a say in it. */
  isOfCloudstack: boolean
  /** Null: it cannot be said, and `unsure` says why. */
  agree: boolean | null
  unsure: string | null
  /** ISO time of what `cloudstack` says; null: nobody looked since its last change. */
  cloudstackSeenAt: string | null
  rows: SideRow[]
}

export function threeSides(facts: SidesFacts): ThreeSides {
  const rows = [stateRow(facts), ...nicRows(facts), ...facts.ports.map((port) => portRow(port, facts))]
  const unsure = facts.busy ?? (rows.some(({ differs }) => differs) ? null : unseen(facts))
  return {
    agree: unsure === null ? !rows.some(({ differs }) => differs) : null,
    unsure,
    isOfCloudstack: facts.instance.externalId !== null,
    cloudstackSeenAt: current(facts.cloud, facts)?.at ?? null,
    rows: facts.busy === null ? rows : rows.map((row) => ({ ...row, differs: false })),
  }
}

/** Why not all three sides can be compared; null: they can. */
function unseen({ instance, cloud, ports, changedAt }: SidesFacts): string | null {
  const isOlder = (at: string) => changedAt !== null && Date.parse(at) <= Date.parse(changedAt)
  if (instance.externalId !== null) {
    if (cloud === null) return "CloudStack's records were not looked at"
    if (isOlder(cloud.at)) return "CloudStack's records were not looked at since its last change"
  }
  for (const { switch: address, port, wanted, seen, failure } of ports) {
    const name = `port ${port} of switch ${address}`
    if (failure !== null) return `${name} could not be looked at: ${failure}`
    if (seen === null) return `${name} was not looked at`
    if (isOlder(seen.at)) return `${name} was not looked at since its last change`
    if (wanted === null) return `what ${name} is to carry cannot be said now`
  }
  return null
}

/** What was seen before the last change says nothing of what is now. */
function current<Seen extends { at: string }>(seen: Seen | null, { changedAt }: SidesFacts): Seen | null {
  return seen !== null && (changedAt === null || Date.parse(seen.at) > Date.parse(changedAt)) ? seen : null
}

function stateRow(facts: SidesFacts): SideRow {
  const { instance } = facts
  const sight = current(facts.cloud, facts)
  const code = sight && differenceOf(instance, sight.vm ?? undefined)?.code
  return {
    ...{ about: 'state', thing: 'state', cloudstack: sight && (sight.vm?.state ?? 'no VM') },
    ...{ ferrule: instance.state, switch: null, switchSeenAt: null },
    differs: code === 'vm-gone' || code === 'vm-state',
  }
}

function nicRows(facts: SidesFacts): SideRow[] {
  const { instance, networks } = facts
  const sight = current(facts.cloud, facts)
  const theirs = sight && (sight.vm?.nics ?? [])
  const further = (theirs ?? []).filter(({ mac }) => !instance.nics.some((nic) => nic.mac === mac))
  return [
    ...instance.nics.map((nic) => {
      const seen = theirs?.find(({ mac }) => mac === nic.mac)
      const network = networks.get(nic.networkId)
      return {
        ...{ about: 'nic' as const, thing: `NIC ${nic.mac}${network ? ` (${network})` : ''}` },
        ...{ cloudstack: theirs && (seen ? inVlan(seen.vlan) : 'none'), ferrule: inVlan(nic.vlan) },
        ...carriedBy(nic.vlan, facts),
        differs: !!sight?.vm && nicDiffers(instance, nic, seen),
      }
    }),
    ...further.map(({ mac, vlan }) => ({
      ...{ about: 'nic' as const, thing: `NIC ${mac}`, cloudstack: inVlan(vlan), ferrule: 'none' },
      ...carriedBy(vlan, facts),
      differs: true,
    })),
  ]
}

/** A stopped VM's next start leaves out what CloudStack has taken away; of a running one, people attach NICs that it has not. */
function nicDiffers({ state }: Instance, { vlan }: InstanceNic, seen?: SeenVm['nics'][number]): boolean {
  if (seen === undefined) return state === 'stopped'
  return seen.vlan !== null && seen.vlan !== vlan
}

function inVlan(vlan: number | null): string {
  return vlan === null ? 'no VLAN yet' : `VLAN ${vlan}`
}

/** Which of its ports carry a VLAN, and as what. */
function carriedBy(vlan: number | null, facts: SidesFacts): Pick<SideRow, 'switch' | 'switchSeenAt'> {
  const seen = facts.ports.flatMap((port) => {
    const now = current(port.seen, facts)
    return now ? [{ ...now, port: `${port.switch} ${port.port}` }] : []
  })
  if (vlan === null || seen.length === 0 || seen.length < facts.ports.length)
    return { switch: null, switchSeenAt: null }
  const how = ({ running }: PortSeen) =>
    running.untagged === vlan ? 'untagged' : running.tagged.includes(vlan) ? 'tagged' : 'not'
  const ways = new Set(seen.map(how))
  const [only] = ways
  return {
    switch:
      ways.size === 1 && only !== undefined
        ? only === 'not'
          ? 'none'
          : `VLAN ${vlan} ${only}`
        : `VLAN ${vlan} ${seen.map((one) => `${how(one)} on ${one.port}`).join(', ')}`,
    switchSeenAt: seen.map(({ at }) => at).sort()[0] ?? null,
  }
}

function portRow({ switch: address, port, wanted, ...side }: PortSide, facts: SidesFacts): SideRow {
  const seen = current(side.seen, facts)
  const isSaved = !seen || carriesSame(seen.running, seen.saved)
  return {
    ...{ about: 'port', thing: `switch ${address} port ${port}` },
    cloudstack: cloudOfPorts(facts),
    ferrule: wanted && describePort(wanted),
    switch: seen && `${describePort(seen.running)}${isSaved ? '' : `, saved as ${describePort(seen.saved)}`}`,
    switchSeenAt: seen?.at ?? null,
    differs:
      seen !== null &&
      wanted !== null &&
      ![seen.running, seen.saved].every((one) => carriesSame(one, wanted)),
  }
}

/** What CloudStack's records ask of every port of the server. */
function cloudOfPorts(facts: SidesFacts): string | null {
  const sight = current(facts.cloud, facts)
  if (sight === null) return null
  if (sight.vm === null) return 'nothing: no VM'
  if (sight.vm.state !== 'Running') return `nothing while ${sight.vm.state}`
  const vlans = sight.vm.nics.flatMap(({ vlan }) => (vlan === null ? [] : [`VLAN ${vlan}`]))
  return vlans.length > 0 ? vlans.join(' and ') : 'no VLAN yet'
}

/** For people, one line for each side and each port: what it says, and when that was seen. */
export function sidesInWords(sides: ThreeSides): string[] {
  const ports = sides.rows.filter(({ about }) => about === 'port')
  const others = sides.rows.filter(({ about }) => about !== 'port')
  const said = (side: 'cloudstack' | 'ferrule') =>
    others.map((row) => (row.about === 'state' ? row[side] : `${row.thing} ${row[side]}`)).join(', ')
  const wanted = new Set(ports.map(({ ferrule }) => ferrule ?? 'unknown'))
  return [
    ...(sides.isOfCloudstack ? [`CloudStack: ${seenAt(said('cloudstack'), sides.cloudstackSeenAt)}`] : []),
    `Ferrule: ${said('ferrule')}${wanted.size > 0 ? `, ports to be ${[...wanted].join(' or ')}` : ''}`,
    ...ports.map((row) => `${row.thing}: ${seenAt(row.switch, row.switchSeenAt)}`),
  ]
}

function seenAt(what: string | null, at: string | null): string {
  return at === null ? 'not looked at since its last change' : `${what} (seen ${at})`
}
