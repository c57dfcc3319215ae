import { leasedAddresses } from '../dhcp.ts'
import type { IpRange, Subnet } from '../model.ts'
import { hosts, toNumber, unreserved, usedAddresses } from '../networking.ts'
import type { Region } from '../region.ts'
import { API, renderFabric, renderIpRange, renderSubnet, renderVlan } from '../render/network.ts'
import { invalid, json, notFound, plain } from './answer.ts'
import type { Call, Resource } from './call.ts'

export const networkResources: Resource[] = [
  {
    name: 'SubnetsHandler',
    path: 'subnets/',
    handlers: {
      GET: ({ region }) => json(region.state.subnets.map((subnet) => renderSubnet(region, subnet))),
      POST: createSubnet,
    },
  },
  {
    name: 'SubnetHandler',
    path: 'subnets/{id}/',
    handlers: {
      GET: (call) => json(renderSubnet(call.region, subnetOf(call))),
      'GET statistics': (call) => json(statistics(call.region, subnetOf(call))),
      'GET unreserved_ip_ranges': (call) => json(runs(unreserved(call.region, subnetOf(call)))),
      'GET reserved_ip_ranges': (call) => json(reserved(call.region, subnetOf(call))),
      'GET ip_addresses': (call) => json(addressesInUse(call.region, subnetOf(call))),
    },
  },
  {
    name: 'IPRangesHandler',
    path: 'ipranges/',
    handlers: {
      GET: ({ region }) => json(region.state.ipRanges.map((range) => renderIpRange(region, range))),
      POST: createRange,
    },
  },
  {
    name: 'IPRangeHandler',
    path: 'ipranges/{id}/',
    handlers: {
      GET: (call) => json(renderIpRange(call.region, rangeOf(call))),
      PUT: (call) => {
        const range = rangeOf(call)
        range.start = call.form.get('start_ip') ?? range.start
        range.end = call.form.get('end_ip') ?? range.end
        return json(renderIpRange(call.region, range))
      },
      DELETE: (call) => {
        const range = rangeOf(call)
        call.region.state.ipRanges = call.region.state.ipRanges.filter((one) => one !== range)
        return plain('', 204)
      },
    },
  },
  {
    name: 'FabricsHandler',
    path: 'fabrics/',
    handlers: {
      GET: ({ region }) => json(region.state.fabrics.map((fabric) => renderFabric(region, fabric))),
      POST: ({ region, form }) => {
        const id = region.nextId('fabric')
        const fabric = { id, name: form.get('name') || `fabric-${id}` }
        region.state.fabrics.push(fabric)
        addVlan(region, id, 0, 'untagged')
        return json(renderFabric(region, fabric))
      },
    },
  },
  {
    name: 'FabricHandler',
    path: 'fabrics/{id}/',
    handlers: { GET: (call) => json(renderFabric(call.region, fabricOf(call))) },
  },
  {
    name: 'VlansHandler',
    path: 'fabrics/{fabric_id}/vlans/',
    handlers: {
      GET: (call) => {
        const fabric = fabricOf(call)
        const vlans = call.region.state.vlans.filter((vlan) => vlan.fabric === fabric.id)
        return json(vlans.map((vlan) => renderVlan(call.region, vlan)))
      },
      POST: (call) => {
        const { region, form } = call
        const vid = form.int('vid')
        if (vid === undefined) throw invalid({ vid: ['This field is required.'] })
        return json(
          renderVlan(region, addVlan(region, fabricOf(call).id, vid, form.get('name') || String(vid))),
        )
      },
    },
  },
  {
    name: 'VlanHandler',
    path: 'vlans/{id}/',
    handlers: {
      GET: ({ region, params }) => {
        const vlan = region.state.vlans.find((one) => String(one.id) === params[0])
        if (vlan === undefined) throw notFound('VLAN')
        return json(renderVlan(region, vlan))
      },
    },
  },
  {
    name: 'SpacesHandler',
    path: 'spaces/',
    handlers: {
      GET: ({ region }) =>
        json([
          {
            name: 'undefined',
            vlans: region.state.vlans.map((vlan) => renderVlan(region, vlan)),
            subnets: region.state.subnets.map((subnet) => renderSubnet(region, subnet)),
            id: -1,
            resource_uri: `${API}/spaces/undefined/`,
          },
        ]),
    },
  },
]

function addVlan(region: Region, fabric: number, vid: number, name: string) {
  const vlan = { id: region.nextId('vlan'), vid, name, fabric, mtu: 1500, dhcpOn: false, primaryRack: null }
  region.state.vlans.push(vlan)
  return vlan
}

/** By id or by CIDR. */
function subnetOf({ region, params }: Call): Subnet {
  const wanted = decodeURIComponent(params[0] ?? '')
  const subnet = region.state.subnets.find((one) => String(one.id) === wanted || one.cidr === wanted)
  if (subnet === undefined) throw notFound('Subnet')
  return subnet
}

function rangeOf({ region, params }: Call) {
  const range = region.state.ipRanges.find((one) => String(one.id) === params[0])
  if (range === undefined) throw notFound('IPRange')
  return range
}

function fabricOf({ region, params }: Call) {
  const fabric = region.state.fabrics.find((one) => String(one.id) === params[0] || one.name === params[0])
  if (fabric === undefined) throw notFound('Fabric')
  return fabric
}

function createSubnet({ region, form }: Call) {
  const cidr = form.get('cidr') ?? ''
  if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(cidr)) throw invalid({ cidr: ['This field is required.'] })
  const subnet: Subnet = {
    id: region.nextId('subnet'),
    name: form.get('name') || cidr,
    cidr,
    vlan: form.int('vlan') ?? addVlan(region, 0, form.int('vid') ?? 0, form.get('vid') ?? 'untagged').id,
    gateway: form.get('gateway_ip') || null,
    dns: (form.get('dns_servers') ?? '').split(/[ ,]+/).filter((one) => one !== ''),
    managed: !form.has('managed') || form.bool('managed'),
  }
  region.state.subnets.push(subnet)
  return json(renderSubnet(region, subnet))
}

function createRange({ region, form }: Call) {
  const start = form.get('start_ip') ?? ''
  const end = form.get('end_ip') ?? ''
  const type = form.get('type')
  if (type !== 'dynamic' && type !== 'reserved') throw invalid({ type: ['This field is required.'] })
  const inside = (cidr: string): boolean => hosts(cidr).includes(start) && hosts(cidr).includes(end)
  const subnet = region.state.subnets.find((one) => inside(one.cidr))
  if (subnet === undefined) throw invalid({ subnet: ['This field is required.'] })
  const range: IpRange = {
    id: region.nextId('ipRange'),
    subnet: subnet.id,
    type,
    start,
    end,
    comment: form.get('comment') ?? '',
  }
  region.state.ipRanges.push(range)
  return json(renderIpRange(region, range))
}

function statistics(region: Region, subnet: Subnet) {
  const all = hosts(subnet.cidr)
  const free = unreserved(region, subnet).filter((ip) => !usedAddresses(region, subnet).includes(ip))
  const usage = (all.length - free.length) / all.length
  return {
    num_available: free.length,
    largest_available: Math.max(0, ...runs(free).map((run) => run.num_addresses)),
    num_unavailable: all.length - free.length,
    total_addresses: all.length,
    usage,
    usage_string: `${Math.round(usage * 100)}%`,
    available_string: `${Math.round((1 - usage) * 100)}%`,
    first_address: all[0],
    last_address: all.at(-1),
    ip_version: 4,
  }
}

function reserved(region: Region, subnet: Subnet) {
  const purposes: [string, string, string][] = [
    ...(subnet.gateway === null
      ? []
      : [[subnet.gateway, subnet.gateway, 'gateway-ip'] satisfies [string, string, string]]),
    ...subnet.dns.map((ip): [string, string, string] => [ip, ip, 'dns-server']),
    ...region.state.ipRanges
      .filter((range) => range.subnet === subnet.id)
      .map((range): [string, string, string] => [range.start, range.end, range.type]),
    ...usedAddresses(region, subnet).map((ip): [string, string, string] => [ip, ip, 'assigned-ip']),
  ]
  return purposes
    .sort((a, b) => toNumber(a[0]) - toNumber(b[0]))
    .map(([start, end, purpose]) => ({
      start,
      end,
      purpose: [purpose],
      num_addresses: toNumber(end) - toNumber(start) + 1,
    }))
}

/** Interfaces' addresses, and the leases that dhcpd has told MAAS of (alloc_type 6: discovered). */
function addressesInUse(region: Region, subnet: Subnet) {
  const inside = new Set(hosts(subnet.cidr))
  const leases = leasedAddresses(region).filter((ip) => inside.has(ip))
  return [
    ...usedAddresses(region, subnet).map((ip) => ({ ip, alloc_type: 0 })),
    ...leases.map((ip) => ({ ip, alloc_type: 6 })),
  ].map((one) => ({ ...one, alloc_type_name: one.alloc_type === 6 ? 'Discovered' : 'Automatic' }))
}

function runs(addresses: string[]) {
  const found: { start: string; end: string; num_addresses: number }[] = []
  for (const ip of addresses) {
    const last = found.at(-1)
    if (last !== undefined && toNumber(last.end) + 1 === toNumber(ip)) {
      last.end = ip
      last.num_addresses += 1
    } else {
      found.push({ start: ip, end: ip, num_addresses: 1 })
    }
  }
  return found
}
