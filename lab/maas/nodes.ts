import type { Machine } from '../world/types.ts'
import { adoptHardware } from './commission.ts'
import type { Node } from './model.ts'
import { newInterface } from './networking.ts'
import type { Region } from './region.ts'
import { NEW, READY } from './status.ts'

export interface NewNode {
  hostname: string
  architecture: string
  macs: string[]
  powerType: string
  powerParameters: Record<string, string>
}

/** Records a machine as New; the caller has checked everything. */
export function addNode(region: Region, fresh: NewNode): Node {
  const { chance } = region.world
  const node: Node = {
    systemId: chance.id(6),
    hostname: fresh.hostname,
    description: '',
    domain: 0,
    zone: 1,
    pool: 0,
    architecture: fresh.architecture,
    minHweKernel: '',
    status: NEW,
    epoch: 0,
    previousStatus: NEW,
    everCommissioned: false,
    owner: null,
    annotations: {},
    agentName: '',
    tags: [],
    powerType: fresh.powerType,
    powerParameters: fresh.powerParameters,
    powerState: 'unknown',
    interfaces: fresh.macs.map((mac, index) => newInterface(region, `eth${index}`, 'physical', mac)),
    disks: [],
    hardware: null,
    hardwareUuid: null,
    cpuCount: 0,
    cpuSpeed: 0,
    memory: 0,
    netboot: true,
    locked: false,
    osystem: '',
    distroSeries: '',
    hweKernel: null,
    errorDescription: '',
    statusMessage: null,
    statusAction: null,
    userData: null,
    token: newToken(region),
    expires: null,
    bootInterface: null,
    commissioningSet: null,
    installationSet: null,
    testingSet: null,
    skipNetworking: false,
    release: null,
  }
  region.state.nodes.push(node)
  return node
}

export function newToken(region: Region): Node['token'] {
  const { chance } = region.world
  return { consumer: chance.id(18), key: chance.id(18), secret: chance.id(32) }
}

/** ipmi parameters with the defaults that MAAS fills in. */
export function ipmiParameters(given: Record<string, string>): Record<string, string> {
  return {
    power_driver: 'LAN_2_0',
    power_boot_type: 'auto',
    power_address: '',
    power_user: '',
    power_pass: '',
    k_g: '',
    cipher_suite_id: '3',
    privilege_level: 'OPERATOR',
    workaround_flags: 'opensesspriv',
    mac_address: '',
    power_off_mode: 'hard',
    ...given,
  }
}

/** redfish parameters; without a node_id it is the first system of the service. */
export function redfishParameters(given: Record<string, string>): Record<string, string> {
  return { power_address: '', power_user: '', power_pass: '', node_id: '', ...given }
}

/** How MAAS reaches a machine's power: by IPMI where there is it. */
function powerOf({ bmc }: Machine): Pick<NewNode, 'powerType' | 'powerParameters'> {
  const login = { power_user: bmc.username, power_pass: bmc.password }
  if (bmc.protocols.includes('ipmi'))
    return { powerType: 'ipmi', powerParameters: ipmiParameters({ power_address: bmc.address, ...login }) }
  const port = bmc.httpsPort === 443 ? '' : `:${bmc.httpsPort}`
  return {
    powerType: 'redfish',
    powerParameters: redfishParameters({ power_address: `${bmc.address}${port}`, ...login }),
  }
}

/** A machine that MAAS knew before the lab's story begins. */
export function preload(region: Region, machine: Machine, state: 'New' | 'Ready'): Node {
  const node = addNode(region, {
    hostname: machine.name,
    architecture: 'amd64/generic',
    macs: machine.nics.map((nic) => nic.mac),
    ...powerOf(machine),
  })
  node.powerState = machine.power()
  if (state === 'New') return node
  adoptHardware(region, node, machine)
  region.setStatus(node, READY)
  region.event(node, 'INFO', 'Ready')
  return node
}
