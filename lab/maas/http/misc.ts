import type { Named, Tag } from '../model.ts'
import type { Region } from '../region.ts'
import { renderMachine } from '../render/machine.ts'
import { API } from '../render/network.ts'
import { type Answer, badRequest, invalid, json, notFound, plain } from './answer.ts'
import type { Call, Resource } from './call.ts'

const CAPABILITIES = [
  'networks-management',
  'static-ipaddresses',
  'ipv6-deployment-ubuntu',
  'devices-management',
  'storage-deployment-ubuntu',
  'network-deployment-ubuntu',
  'bridging-interface-ubuntu',
  'bridging-automatic-ubuntu',
  'authenticate-api',
]

/** Answered without a key. */
export const versionResource: Resource = {
  name: 'VersionHandler',
  path: 'version/',
  handlers: { GET: () => json({ capabilities: CAPABILITIES, version: '3.7.3', subversion: '' }) },
}

export const miscResources: Resource[] = [
  {
    name: 'UsersHandler',
    path: 'users/',
    handlers: {
      GET: ({ user }) => json([renderUser(user)]),
      'GET whoami': ({ user }) => json(renderUser(user)),
    },
  },
  {
    name: 'AccountHandler',
    path: 'account/',
    handlers: { 'GET list_authorisation_tokens': () => json([]) },
  },
  {
    name: 'MaasHandler',
    path: 'maas/',
    handlers: { 'GET get_config': getConfig, 'POST set_config': setConfig },
  },
  {
    name: 'BootResourcesHandler',
    path: 'boot-resources/',
    handlers: {
      GET: bootResources,
      'GET is_importing': () => json(false),
      'POST import': () => plain('Import of boot resources started'),
    },
  },
  {
    name: 'BootSourcesHandler',
    path: 'boot-sources/',
    handlers: {
      GET: () =>
        json([
          {
            url: 'http://images.example/ephemeral-v3/stable/',
            keyring_filename: '/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg',
            keyring_data: '',
            id: 1,
            resource_uri: `${API}/boot-sources/1/`,
          },
        ]),
    },
  },
  {
    name: 'TagsHandler',
    path: 'tags/',
    handlers: { GET: ({ region }) => json(region.state.tags.map(renderTag)), POST: createTag },
  },
  {
    name: 'TagHandler',
    path: 'tags/{name}/',
    handlers: {
      GET: (call) => json(renderTag(tagOf(call))),
      'GET machines': taggedMachines,
      'GET nodes': taggedMachines,
      'POST update_nodes': updateNodes,
      DELETE: (call) => {
        const tag = tagOf(call)
        call.region.state.tags = call.region.state.tags.filter((one) => one !== tag)
        for (const node of call.region.state.nodes) node.tags = node.tags.filter((name) => name !== tag.name)
        return plain('', 204)
      },
    },
  },
  named(
    'Zones',
    'zones/',
    'zone',
    (state) => state.zones,
    (zone) => `zones/${zone.name}/`,
  ),
  named(
    'ResourcePools',
    'resourcepools/',
    'pool',
    (state) => state.pools,
    (pool) => `resourcepool/${pool.id}/`,
  ),
  {
    name: 'DomainsHandler',
    path: 'domains/',
    handlers: {
      GET: ({ region }) =>
        json(
          region.state.domains.map((domain) => ({
            authoritative: true,
            ttl: null,
            name: domain.name,
            id: domain.id,
            resource_record_count: 0,
            is_default: domain.id === 0,
            resource_uri: `${API}/domains/${domain.id}/`,
          })),
        ),
    },
  },
]

function renderUser(username: string) {
  return {
    is_superuser: true,
    username,
    email: `${username}@example.com`,
    is_local: true,
    resource_uri: `${API}/users/${username}/`,
  }
}

/** Zones and pools: the same list of names. */
function named(
  handler: string,
  path: string,
  kind: string,
  list: (state: Region['state']) => Named[],
  uri: (one: Named) => string,
): Resource {
  const render = (one: Named) => ({
    name: one.name,
    description: one.description,
    id: one.id,
    resource_uri: `${API}/${uri(one)}`,
  })
  return {
    name: `${handler}Handler`,
    path,
    handlers: {
      GET: ({ region }) => json(list(region.state).map(render)),
      POST: ({ region, form }) => {
        const name = form.get('name') ?? ''
        if (name === '') throw invalid({ name: ['This field is required.'] })
        if (list(region.state).some((one) => one.name === name))
          throw invalid({ name: [`${kind} with this Name already exists.`] })
        const fresh = { id: region.nextId(kind), name, description: form.get('description') ?? '' }
        list(region.state).push(fresh)
        return json(render(fresh))
      },
    },
  }
}

/** No charset in this one's content type. */
function getConfig({ region, query }: Call): Answer {
  const name = query.get('name') ?? ''
  const value = region.state.config[name]
  if (value === undefined) throw invalid({ [name]: [`${name} is not a valid config setting.`] })
  return json(value, 'application/json')
}

function setConfig({ region, form }: Call): Answer {
  const name = form.get('name') ?? ''
  const present = region.state.config[name]
  if (present === undefined) throw invalid({ [name]: [`${name} is not a valid config setting.`] })
  const value = form.get('value') ?? ''
  if (typeof present === 'boolean') region.state.config[name] = form.bool('value')
  else if (typeof present === 'number') region.state.config[name] = Number(value)
  else region.state.config[name] = value
  return plain('OK')
}

function bootResources({ region, query }: Call): Answer {
  const type = query.get('type') ?? 'all'
  if (!['all', 'synced', 'uploaded'].includes(type)) throw badRequest(`Invalid type: ${type}`)
  const images = region.state.images.filter(
    (image) =>
      !region.dials.imageMissing.includes(image.name) &&
      (type === 'all' || image.kind.toLowerCase() === type),
  )
  return json(
    images.map((image) => ({
      id: image.id,
      type: image.kind,
      name: image.name,
      architecture: `${image.architecture}/${image.subarch}`,
      resource_uri: `${API}/boot-resources/${image.id}/`,
      last_deployed: image.lastDeployed,
      ...(image.title === '' ? {} : { title: image.title }),
      platform: 'generic',
      ...(image.name.startsWith('ubuntu/') ? { subarches: SUBARCHES } : {}),
      supported_platforms: 'generic',
      ...(image.kind === 'Uploaded' ? { base_image: 'ubuntu/jammy' } : {}),
    })),
  )
}

const SUBARCHES = 'generic,hwe-p,hwe-q,hwe-t,hwe-x,ga-16.04,ga-18.04,ga-20.04,ga-22.04,ga-24.04'

function renderTag(tag: Tag) {
  return {
    name: tag.name,
    definition: tag.definition,
    comment: tag.comment,
    kernel_opts: tag.kernelOpts,
    resource_uri: `${API}/tags/${tag.name}/`,
  }
}

function createTag({ region, form }: Call): Answer {
  const name = form.get('name') ?? ''
  if (!/^[\w.-]+$/.test(name))
    throw invalid({ name: ['Invalid tag name (must be only letters, digits, -, _ and .).'] })
  if (region.state.tags.some((tag) => tag.name === name))
    throw invalid({ name: ['Tag with this Name already exists.'] })
  const tag: Tag = {
    name,
    definition: form.get('definition') ?? '',
    comment: form.get('comment') ?? '',
    kernelOpts: form.get('kernel_opts') ?? '',
  }
  region.state.tags.push(tag)
  return json(renderTag(tag))
}

function tagOf({ region, params }: Call): Tag {
  const tag = region.state.tags.find((one) => one.name === decodeURIComponent(params[0] ?? ''))
  if (tag === undefined) throw notFound('Tag')
  return tag
}

function taggedMachines(call: Call): Answer {
  const tag = tagOf(call)
  const nodes = call.region.state.nodes.filter((node) => node.tags.includes(tag.name))
  return json(nodes.map((node) => renderMachine(call.region, node)))
}

/** Unknown system ids are passed over. */
function updateNodes(call: Call): Answer {
  const tag = tagOf(call)
  const { region, form } = call
  let added = 0
  let removed = 0
  for (const node of form.all('add').flatMap((id) => region.node(id) ?? [])) {
    if (node.tags.includes(tag.name)) continue
    node.tags.push(tag.name)
    added += 1
  }
  for (const node of form.all('remove').flatMap((id) => region.node(id) ?? [])) {
    if (!node.tags.includes(tag.name)) continue
    node.tags = node.tags.filter((name) => name !== tag.name)
    removed += 1
  }
  return json({ added, removed })
}
