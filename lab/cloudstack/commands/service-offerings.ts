import { invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import { findFor } from '../find.ts'
import type { ServiceOffering } from '../state.ts'

export const serviceOfferingCommands: Command[] = [
  {
    name: 'createServiceOffering',
    description: 'Creates a service offering.',
    params: {
      name: 'string!',
      displaytext: 'string',
      cpunumber: 'integer',
      cpuspeed: 'integer',
      memory: 'integer',
      hosttags: 'list',
      deploymentplanner: 'string',
      externaldetails: 'map',
      storagetype: 'string',
    },
    run(cloud, params) {
      const [cpuNumber, memoryMib] = [params.number('cpunumber'), params.number('memory')]
      if (cpuNumber === undefined || memoryMib === undefined)
        throw invalid('For creating a custom offering, cpunumber and memory are needed in the lab')
      const offering: ServiceOffering = {
        id: cloud.newId(),
        name: params.must('name'),
        displayText: params.text('displaytext') ?? params.must('name'),
        cpuNumber,
        cpuSpeed: params.number('cpuspeed') ?? 1000,
        memoryMib,
        hostTags: params.list('hosttags'),
        planner: params.text('deploymentplanner') ?? null,
        externalDetails: params.map('externaldetails'),
        created: cloud.now(),
      }
      cloud.state.serviceOfferings.push(offering)
      cloud.touch()
      return { serviceoffering: offeringView(offering) }
    },
  },
  {
    name: 'listServiceOfferings',
    description: 'Lists all available service offerings.',
    params: { ...LIST_PARAMS, zoneid: 'uuid', issystem: 'boolean' },
    run: ({ state }, params) =>
      listed('serviceoffering', chosen(state.serviceOfferings, params).map(offeringView), params),
  },
  {
    name: 'deleteServiceOffering',
    description: 'Deletes a service offering.',
    params: { id: 'uuid!' },
    run(cloud, params) {
      const { state } = cloud
      const offering = findFor(state.serviceOfferings, 'deleteServiceOffering', 'id', params.must('id'))
      if (state.vms.some(({ offeringId }) => offeringId === offering.id))
        throw invalid(`service offering ${offering.name} is in use`)
      state.serviceOfferings = state.serviceOfferings.filter(({ id }) => id !== offering.id)
      cloud.touch()
      return { success: true }
    },
  },
]

function offeringView(offering: ServiceOffering): Record<string, unknown> {
  return {
    id: offering.id,
    name: offering.name,
    displaytext: offering.displayText,
    cpunumber: offering.cpuNumber,
    cpuspeed: offering.cpuSpeed,
    memory: offering.memoryMib,
    created: offering.created,
    storagetype: 'local',
    offerha: false,
    limitcpuuse: false,
    isvolatile: false,
    issystem: false,
    defaultuse: false,
    iscustomized: false,
    dynamicscalingenabled: false,
    ...(offering.hostTags.length === 0 ? {} : { hosttags: offering.hostTags.join(',') }),
    ...(offering.planner === null ? {} : { deploymentplanner: offering.planner }),
    serviceofferingdetails: Object.fromEntries(
      Object.entries(offering.externalDetails).map(([key, value]) => [`External:${key}`, value]),
    ),
  }
}
