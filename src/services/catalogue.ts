import type { BondMode } from '../domain/bond-plan.ts'
import { parseDiskLayout } from '../domain/disk-layout.ts'
import { FerruleError } from '../domain/errors.ts'
import type { ErasePolicy, Offering } from '../domain/offering.ts'
import { isVlan } from '../domain/vlan.ts'
import type { Network, Template } from '../store/catalogue.ts'
import {
  deleteNetwork,
  deleteOffering,
  deleteTemplate,
  forgetDestroyedUses,
  insertNetwork,
  insertOffering,
  insertTemplate,
  instancesOfNetwork,
  instancesOfOffering,
  instancesOfTemplate,
  listNetworks,
  listOfferings,
  listTemplates,
} from '../store/catalogue.ts'
import { violatedConstraint } from '../store/database.ts'
import { imageFault } from '../workflows/install-checks.ts'
import type { Services } from './context.ts'
import { requireEnabled } from './enabled.ts'

/** The MAAS image that a template's URL names: through the alias table, else as it is. */
export function resolveImage(services: Pick<Services, 'settings'>, url: string): string {
  const name = url.trim().replace(/^maas:\/\//, '')
  return services.settings.imageAliases[name] ?? name
}

/** What cloud-init, netplan and the hand-over differ by. */
function osFamily(image: string): string {
  const family = image.split('/')[0] ?? image
  return family === 'custom' || !image.includes('/') ? 'custom' : family
}

/** A9: nothing is downloaded; the image must be in MAAS for this architecture. */
export async function registerTemplate(
  services: Services,
  template: { name: string; url: string; architecture?: string | undefined },
): Promise<Template> {
  requireEnabled(services)
  const image = resolveImage(services, template.url)
  const architecture = template.architecture ?? 'amd64'
  const fault = await imageFault(services.tools, image, architecture)
  if (fault) throw fault
  const row: Template = {
    id: services.tools.newId(),
    name: template.name,
    url: template.url,
    image,
    osFamily: osFamily(image),
    architecture,
  }
  await unique(insertTemplate(services.tools.db, row), 'template', template.name)
  return row
}

export async function findTemplate(services: Services, key: string): Promise<Template> {
  const template = (await listTemplates(services.tools.db)).find((one) => one.id === key || one.name === key)
  if (!template)
    throw new FerruleError(
      'not-found',
      `there is no template ${key}`,
      'List them with "ferrule template list".',
      { template: key },
    )
  return template
}

/** A10: refused while an instance uses it; the image stays in MAAS. */
export async function removeTemplate(services: Services, key: string): Promise<void> {
  const template = await findTemplate(services, key)
  const users = await instancesOfTemplate(services.tools.db, template.id)
  if (users.length > 0)
    throw new FerruleError(
      'in-use',
      `template ${template.name} is used by ${users.join(', ')}`,
      'Destroy these instances first.',
      { instances: users },
    )
  await services.tools.db.transaction(async (client) => {
    await forgetDestroyedUses(client, 'template_id', template.id)
    await deleteTemplate(client, template.id)
  })
}

export interface NewOffering {
  name: string
  cpuCount: number
  cpuSpeedMhz?: number | undefined
  memoryMib: number
  hostTags?: string[] | undefined
  architecture?: string | undefined
  match?: 'equal' | 'atLeast' | undefined
  erase?: ErasePolicy | undefined
  bondMode?: BondMode | undefined
  /** As parseDiskLayout reads it. */
  diskLayout?: string | undefined
}

export async function createOffering(services: Services, offering: NewOffering): Promise<Offering> {
  const row: Offering = {
    id: services.tools.newId(),
    name: offering.name,
    cpuCount: offering.cpuCount,
    cpuSpeedMhz: offering.cpuSpeedMhz ?? 0,
    memoryMib: offering.memoryMib,
    hostTags: offering.hostTags ?? [],
    architecture: offering.architecture ?? 'amd64',
    planner: 'BareMetalPlanner',
    match: offering.match ?? services.settings.match,
    erase: offering.erase ?? null,
    bondMode: offering.bondMode ?? services.settings.bondMode,
    diskLayout: offering.diskLayout === undefined ? null : parseDiskLayout(offering.diskLayout),
  }
  await unique(insertOffering(services.tools.db, row), 'offering', offering.name)
  return row
}

export async function findOffering(services: Services, key: string): Promise<Offering> {
  const offering = (await listOfferings(services.tools.db)).find((one) => one.id === key || one.name === key)
  if (!offering)
    throw new FerruleError(
      'not-found',
      `there is no offering ${key}`,
      'List them with "ferrule offering list".',
      { offering: key },
    )
  return offering
}

export async function removeOffering(services: Services, key: string): Promise<void> {
  const offering = await findOffering(services, key)
  const users = await instancesOfOffering(services.tools.db, offering.id)
  if (users.length > 0)
    throw new FerruleError(
      'in-use',
      `offering ${offering.name} is used by ${users.join(', ')}`,
      'Destroy these instances first.',
      { instances: users },
    )
  await services.tools.db.transaction(async (client) => {
    await forgetDestroyedUses(client, 'offering_id', offering.id)
    await deleteOffering(client, offering.id)
  })
}

export async function createNetwork(
  services: Services,
  network: { id?: string | undefined; name: string; kind: Network['kind']; vlan: number | null },
): Promise<Network> {
  if (network.vlan !== null && !isVlan(network.vlan)) {
    throw new FerruleError(
      'invalid-input',
      `VLAN ${network.vlan} is not in 1-4094`,
      'Use a VLAN id from 1 to 4094.',
      { field: 'vlan' },
    )
  }
  const row: Network = {
    id: network.id ?? services.tools.newId(),
    name: network.name,
    kind: network.kind,
    vlan: network.vlan,
  }
  const clash = (await listNetworks(services.tools.db)).find(
    (one) => one.vlan !== null && one.vlan === network.vlan,
  )
  if (clash)
    throw new FerruleError(
      'conflict',
      `VLAN ${network.vlan} belongs to network ${clash.name} already`,
      'Choose another VLAN.',
      { vlan: network.vlan },
    )
  await unique(insertNetwork(services.tools.db, row), 'network', network.name)
  return row
}

export async function findNetwork(services: Services, key: string): Promise<Network> {
  const network = (await listNetworks(services.tools.db)).find((one) => one.id === key || one.name === key)
  if (!network)
    throw new FerruleError(
      'not-found',
      `there is no network ${key}`,
      'List them with "ferrule network list".',
      { network: key },
    )
  return network
}

export async function removeNetwork(services: Services, key: string): Promise<void> {
  const network = await findNetwork(services, key)
  const users = await instancesOfNetwork(services.tools.db, network.id)
  if (users.length > 0)
    throw new FerruleError(
      'in-use',
      `network ${network.name} is used by ${users.join(', ')}`,
      'Detach or destroy these instances first.',
      { instances: users },
    )
  await deleteNetwork(services.tools.db, network.id)
}

export const templates = (services: Services): Promise<Template[]> => listTemplates(services.tools.db)
export const offerings = (services: Services): Promise<Offering[]> => listOfferings(services.tools.db)
export const networks = (services: Services): Promise<Network[]> => listNetworks(services.tools.db)

async function unique(insert: Promise<void>, kind: string, name: string): Promise<void> {
  await insert.catch((error: unknown) => {
    if (violatedConstraint(error) === null) throw error
    throw new FerruleError('conflict', `there is a ${kind} ${name} already`, 'Choose another name.', {
      field: 'name',
    })
  })
}
