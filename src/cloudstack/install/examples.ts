import { anything, done, serviceOffering, template } from '../client/wire.ts'
import type { Finding, Piece, Remnant, Removal, Site } from './piece.ts'
import { byName } from './piece.ts'

/** On what install made for a start, so that uninstall takes these away and no others. */
const MARK = { 'External:ferrule_example': 'true' } as const
const MARKED = 'External:ferrule_example'
/** Without CloudStack's prefix, as details are given. */
const given = Object.fromEntries(Object.entries(MARK).map(([key, value]) => [key.slice(9), value]))

/** A template is a record whose detail names an image of MAAS; nothing is downloaded. */
export function templatePiece(site: Site, image: string): Piece {
  const { client } = site
  const name = image.replaceAll('/', '-')
  return {
    what: `template ${name}`,
    async look(): Promise<Finding> {
      const found = byName(await templates(site, name), name)
      if (found !== undefined) {
        const other = found.details?.['External:image']
        return other === undefined || other === image
          ? { as: 'right' }
          : { as: 'right', note: `it is there already and names another image, ${other}` }
      }
      return {
        as: 'missing',
        async make() {
          await client.ask(
            'registerTemplate',
            {
              name,
              displaytext: `${image} on bare metal`,
              // CloudStack wants one, and fetches nothing from it for this format
              url: 'http://ferrule.invalid/',
              format: 'EXTERNAL',
              hypervisor: 'External',
              zoneid: site.zoneId,
              extensionid: site.extensionId,
              ispublic: true,
              isfeatured: true,
              externaldetails: { image, ...given },
            },
            anything,
          )
        },
      }
    },
  }
}

/** CPUs and memory of a machine, as BareMetalPlanner has it: they must be equal, unless `planner.match` says otherwise. */
export function offeringPiece(site: Site, size: { cpuCount: number; memoryMib: number }): Piece {
  const { client } = site
  const { cpuCount, memoryMib } = size
  const name = `metal-${cpuCount}x${memoryMib}`
  return {
    what: `service offering ${name}`,
    async look(): Promise<Finding> {
      const found = byName(await offerings(site, name), name)
      if (found !== undefined) {
        const same = found.cpunumber === cpuCount && found.memory === memoryMib
        return same
          ? { as: 'right' }
          : { as: 'right', note: `it is there already, with ${found.cpunumber} CPUs and ${found.memory} MiB` }
      }
      return {
        as: 'missing',
        async make() {
          await client.ask(
            'createServiceOffering',
            {
              name,
              displaytext: `A whole server with ${cpuCount} CPUs and ${memoryMib} MiB`,
              cpunumber: cpuCount,
              cpuspeed: 1000,
              memory: memoryMib,
              externaldetails: given,
            },
            anything,
          )
        },
      }
    },
  }
}

async function templates({ client }: Site, name?: string) {
  return client.list('listTemplates', 'template', { templatefilter: 'all', name }, template)
}

async function offerings({ client }: Site, name?: string) {
  return client.list('listServiceOfferings', 'serviceoffering', { name }, serviceOffering)
}

/** What install made for a start, by its mark. */
export function exampleRemnants(site: Site): Remnant[] {
  const { client } = site
  return [
    {
      what: 'templates that install made',
      async look(): Promise<Removal | null> {
        const ours = (await templates(site)).filter(({ details }) => details?.[MARKED] === 'true')
        if (ours.length === 0) return null
        return {
          note: ours.map(({ name }) => name).join(', '),
          async remove() {
            for (const { id } of ours) await client.run('deleteTemplate', { id }, anything)
          },
        }
      },
    },
    {
      what: 'service offerings that install made',
      async look(): Promise<Removal | null> {
        const ours = (await offerings(site)).filter(
          ({ serviceofferingdetails }) => serviceofferingdetails?.[MARKED] === 'true',
        )
        if (ours.length === 0) return null
        return {
          note: ours.map(({ name }) => name).join(', '),
          async remove() {
            for (const { id } of ours) await client.ask('deleteServiceOffering', { id }, done)
          },
        }
      },
    },
  ]
}

/** Templates of the extension that the operator made: with one of them left it could not be deleted. */
export async function foreignTemplates(site: Site, extensionId: string): Promise<string[]> {
  return (await templates(site))
    .filter((one) => one.extensionid === extensionId && one.details?.[MARKED] !== 'true')
    .map(({ name }) => name)
}

/** All templates of the extension. */
export async function templatesOf(site: Site, extensionId: string): Promise<string[]> {
  return (await templates(site)).filter((one) => one.extensionid === extensionId).map(({ id }) => id)
}
