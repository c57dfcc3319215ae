import type { Command } from '../api/command.ts'
import { LIST_PARAMS, listed } from '../api/command.ts'
import { inDomain, inZone } from './zones.ts'

/** The addresses behind which isolated networks and VPCs are. */
export const publicAddressCommands: Command[] = [
  {
    name: 'listPublicIpAddresses',
    description: 'Lists all public ip addresses',
    params: {
      ...LIST_PARAMS,
      zoneid: 'uuid',
      associatednetworkid: 'uuid',
      vpcid: 'uuid',
      ipaddress: 'string',
      issourcenat: 'boolean',
    },
    run({ state }, params) {
      const [network, vpc] = [params.text('associatednetworkid'), params.text('vpcid')]
      const own = state.networks.flatMap(({ id, name, publicIp, created }) =>
        publicIp === null || vpc !== undefined || (network !== undefined && id !== network)
          ? []
          : [
              {
                id,
                ipaddress: publicIp,
                associatednetworkid: id,
                associatednetworkname: name,
                allocated: created,
              },
            ],
      )
      const ofVpcs = (state.vpcs ?? []).flatMap(({ id, name, publicIp, created }) =>
        network !== undefined || (vpc !== undefined && id !== vpc)
          ? []
          : [{ id, ipaddress: publicIp, vpcid: id, vpcname: name, allocated: created }],
      )
      const common = {
        ...inZone(state),
        issourcenat: true,
        isstaticnat: false,
        ...inDomain(state),
        forvirtualnetwork: true,
        state: 'Allocated',
        issystem: false,
        tags: [],
      }
      const addresses = params.flag('issourcenat', true) ? [...own, ...ofVpcs] : []
      return listed(
        'publicipaddress',
        addresses.map((one) => ({ ...one, ...common })),
        params,
      )
    },
  },
]
