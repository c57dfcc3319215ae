import { randomBytes } from 'node:crypto'
import { invalid } from '../api/api-error.ts'
import type { Begun, Command } from '../api/command.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { find, findFor } from '../find.ts'
import { allocateNic } from '../orchestrator/guest-networks.ts'
import { startVm } from '../orchestrator/start.ts'
import type { Details, Vm } from '../state.ts'
import { firstPassword, startedView } from './vm-password.ts'
import { vmView } from './vm-view.ts'

export const deployCommand: Command = {
  name: 'deployVirtualMachine',
  description: 'Creates and automatically starts an Instance.',
  params: {
    zoneid: 'uuid!',
    serviceofferingid: 'uuid!',
    templateid: 'uuid!',
    networkids: 'list',
    iptonetworklist: 'map',
    ipaddress: 'string',
    macaddress: 'string',
    name: 'string',
    displayname: 'string',
    startvm: 'boolean',
    hypervisor: 'string',
    userdata: 'string',
    keypair: 'string',
    keypairs: 'list',
    password: 'string',
    details: 'map',
    externaldetails: 'map',
    diskofferingid: 'uuid',
    group: 'string',
    account: 'string',
    domainid: 'uuid',
  },
  begin(cloud, params): Begun {
    const vm = newVm(cloud, params)
    cloud.state.vms.push(vm)
    cloud.touch()
    const about = { resourceType: 'VirtualMachine', id: vm.id }
    const event = (state: 'Scheduled' | 'Started' | 'Completed', description: string, failed = false) =>
      cloud.event('VM.CREATE', state, { ...about, description, failed })
    event('Scheduled', `deploying Instance ${vm.id}`)
    return {
      id: vm.id,
      type: 'VirtualMachine',
      work: () =>
        cloud.inTurn(vm.id, async () => {
          if (!params.flag('startvm', true)) return { virtualmachine: vmView(cloud, vm) }
          event('Started', `starting Instance. Instance Id: ${vm.id}`)
          try {
            await startVm(cloud, vm)
          } catch (error) {
            cloud.alive()
            event('Completed', `Error while starting Instance. Instance Id: ${vm.id}`, true)
            throw error
          }
          event('Completed', `Successfully completed starting Instance. Instance Id: ${vm.id}`)
          return { virtualmachine: startedView(cloud, vm) }
        }),
    }
  },
}

function newVm(cloud: Cloud, params: Params): Vm {
  const { state } = cloud
  const one = <T extends { id: string }>(items: readonly T[], name: string) =>
    findFor(items, 'deployVirtualMachine', name, params.must(name))
  one([state.zone], 'zoneid')
  const offering = one(state.serviceOfferings, 'serviceofferingid')
  const template = one(state.templates, 'templateid')
  if (params.has('diskofferingid')) throw invalid('Data disks are not supported by the hypervisor External')
  const asked = networksIn(params)
  if (asked.length === 0) throw invalid('networkids is needed in a zone of the type Advanced')
  const keys = [...params.list('keypairs'), ...params.list('keypair')].map((name) => {
    const pair = state.keyPairs.find((known) => known.name === name)
    if (pair === undefined) throw invalid(`A key pair with name '${name}' was not found.`)
    return pair
  })
  const number = state.numbers.vm
  const id = cloud.newId()
  const name = params.text('name') ?? params.text('displayname') ?? `VM-${id}`
  if (state.vms.some((vm) => vm.name === name))
    throw invalid(`The Instance with name ${name} already exists.`)
  const nics = asked.map(({ networkId, ...addresses }, index) => {
    const network = findFor(state.networks, 'deployVirtualMachine', 'networkids', networkId)
    return allocateNic(cloud, network, addresses, { deviceId: index, isDefault: index === 0 })
  })
  state.numbers.vm += 1
  const password = firstPassword(cloud, template, params)
  return {
    id,
    name,
    number,
    instanceName: `i-2-${number}-VM`,
    displayName: params.text('displayname') ?? name,
    state: 'Stopped',
    templateId: template.id,
    offeringId: offering.id,
    hostId: null,
    lastHostId: null,
    details: {
      ...template.details,
      ...prefixed(find(state.templates, template.id).externalDetails),
      ...prefixed(offering.externalDetails),
      ...params.map('details'),
      ...prefixed(params.map('externaldetails')),
      ...(keys.length === 0
        ? {}
        : {
            'SSH.PublicKey': keys.map(({ publicKey }) => publicKey).join('\n'),
            'SSH.KeyPairNames': keys.map((pair) => pair.name).join(','),
          }),
    },
    nics,
    deployVm: true,
    vncPassword: randomBytes(16).toString('base64url'),
    userData: Buffer.from(params.text('userdata') ?? '', 'base64').toString(),
    ...(password === undefined ? {} : { password }),
    sshKeys: keys.map(({ publicKey }) => publicKey),
    keyPairs: keys.map((pair) => pair.name),
    group: params.text('group'),
    created: cloud.now(),
  }
}

function prefixed(details: Details): Details {
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [`External:${key}`, value]))
}

/** `networkids`, or `iptonetworklist[0].networkid=…` with an address and a MAC for each. The first one is the default. */
function networksIn(
  params: Params,
): { networkId: string; ip?: string | undefined; mac?: string | undefined }[] {
  const listed = params.entries('iptonetworklist')
  if (listed.length > 0)
    return listed.map(({ networkid, ip, mac }) => ({ networkId: networkid ?? '', ip, mac }))
  return params.list('networkids').map((networkId, index) => ({
    networkId,
    ...(index === 0 ? { ip: params.text('ipaddress'), mac: params.text('macaddress') } : {}),
  }))
}
