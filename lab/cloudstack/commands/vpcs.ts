import { invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { find, findFor } from '../find.ts'
import type { Named, Vpc } from '../state.ts'
import { parseCidr } from '../subnet.ts'
import { NETWORK_DOMAIN, networkView } from './network-view.ts'
import { tagViews } from './tags.ts'
import { inDomain, inZone } from './zones.ts'

export const vpcCommands: Command[] = [
  {
    name: 'listVPCOfferings',
    description: 'Lists VPC offerings',
    params: { ...LIST_PARAMS, zoneid: 'uuid', state: 'string', isdefault: 'boolean' },
    run: ({ state }, params) =>
      listed('vpcoffering', chosen(state.vpcOfferings ?? [], params).map(offeringView), params),
  },
  {
    name: 'createVPC',
    description: 'Creates a VPC',
    params: {
      name: 'string!',
      displaytext: 'string',
      zoneid: 'uuid!',
      vpcofferingid: 'uuid!',
      cidr: 'string',
      networkdomain: 'string',
    },
    begin(cloud, params) {
      const vpc = newVpc(cloud, params)
      cloud.state.vpcs = [...(cloud.state.vpcs ?? []), vpc]
      cloud.touch()
      return job(cloud, 'VPC.CREATE', 'creating vpc', vpc, async () => ({ vpc: vpcView(cloud, vpc) }))
    },
  },
  {
    name: 'listVPCs',
    description: 'Lists VPCs',
    params: { ...LIST_PARAMS, zoneid: 'uuid', vpcofferingid: 'uuid', state: 'string' },
    run: (cloud, params) =>
      listed(
        'vpc',
        chosen(cloud.state.vpcs ?? [], params).map((one) => vpcView(cloud, one)),
        params,
      ),
  },
  {
    name: 'updateVPC',
    description: 'Updates a VPC',
    params: { id: 'uuid!', name: 'string', displaytext: 'string' },
    begin(cloud, params) {
      const vpc = findFor(cloud.state.vpcs ?? [], 'updateVPC', 'id', params.must('id'))
      return job(cloud, 'VPC.UPDATE', 'updating vpc', vpc, async () => {
        vpc.name = params.text('name') ?? vpc.name
        vpc.displayText = params.text('displaytext') ?? vpc.displayText
        return { vpc: vpcView(cloud, vpc) }
      })
    },
  },
  {
    name: 'deleteVPC',
    description: 'Deletes a VPC',
    params: { id: 'uuid!' },
    begin(cloud, params) {
      const { state } = cloud
      const vpc = findFor(state.vpcs ?? [], 'deleteVPC', 'id', params.must('id'))
      return job(cloud, 'VPC.DELETE', 'deleting VPC', vpc, async () => {
        const { length } = state.networks.filter(({ vpcId }) => vpcId === vpc.id)
        if (length > 0) throw invalid(`Can't delete VPC ${vpc.name} as its used by ${length} networks`)
        state.vpcs = state.vpcs?.filter((one) => one !== vpc) ?? []
        return { success: true }
      })
    },
  },
]

function job(cloud: Cloud, event: string, doing: string, { id }: Vpc, work: () => Promise<unknown>) {
  const about = { resourceType: 'Vpc', id }
  return {
    id,
    type: 'Vpc',
    async work() {
      cloud.event(event, 'Started', { ...about, description: `${doing}. VPC Id: ${id}` })
      try {
        const result = await work()
        cloud.event(event, 'Completed', {
          ...about,
          description: `Successfully completed ${doing}. VPC Id: ${id}`,
        })
        return result
      } catch (error) {
        cloud.event(event, 'Completed', {
          ...about,
          description: `Error while ${doing}. VPC Id: ${id}`,
          failed: true,
        })
        throw error
      }
    },
  }
}

function newVpc(cloud: Cloud, params: Params): Vpc {
  const { state } = cloud
  findFor([state.zone], 'createVPC', 'zoneid', params.must('zoneid'))
  const offering = findFor(
    state.vpcOfferings ?? [],
    'createVPC',
    'vpcofferingid',
    params.must('vpcofferingid'),
  )
  const cidr = params.text('cidr')
  if (cidr === undefined) throw invalid('VPC cidr or cidr size must be specified')
  const number = (state.numbers.vpc ?? 0) + 1
  const vpc = {
    id: cloud.newId(),
    name: params.must('name'),
    number,
    displayText: params.text('displaytext') ?? params.must('name'),
    offeringId: offering.id,
    cidr: validCidr(cidr),
    networkDomain: params.text('networkdomain') ?? NETWORK_DOMAIN,
    publicIp: `198.51.100.${number % 250}`,
    created: cloud.now(),
  }
  state.numbers.vpc = number
  return vpc
}

function validCidr(text: string): string {
  try {
    return parseCidr(text).cidr
  } catch {
    throw invalid(`Invalid CIDR specified ${text}`)
  }
}

function offeringView({ id, name }: Named): Record<string, unknown> {
  return {
    id,
    name,
    displaytext: name,
    isdefault: true,
    state: 'Enabled',
    distributedvpcrouter: false,
    supportsregionLevelvpc: false,
    internetprotocol: 'IPv4',
    service: SERVICES.map((service) => ({
      name: service,
      provider: [{ name: 'VpcVirtualRouter' }],
      capability: [],
    })),
  }
}

/** Those of the lab's tiers. */
const SERVICES = ['Dhcp', 'Dns', 'UserData', 'SourceNat', 'NetworkACL', 'PortForwarding']

function vpcView(cloud: Cloud, vpc: Vpc): Record<string, unknown> {
  const { state } = cloud
  const offering = find(state.vpcOfferings ?? [], vpc.offeringId)
  return {
    id: vpc.id,
    name: vpc.name,
    displaytext: vpc.displayText,
    state: 'Enabled',
    ...inZone(state),
    service: offeringView(offering).service,
    cidr: vpc.cidr,
    vpcofferingid: offering.id,
    vpcofferingname: offering.name,
    created: vpc.created,
    restartrequired: false,
    networkdomain: vpc.networkDomain,
    ...inDomain(state),
    network: state.networks
      .filter(({ vpcId }) => vpcId === vpc.id)
      .map((network) => networkView(cloud, network)),
    tags: tagViews(cloud, 'Vpc', vpc),
    fordisplay: true,
    distributedvpcrouter: false,
    regionlevelvpc: false,
    redundantvpcrouter: false,
    publicmtu: 1500,
  }
}
