import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonHttp } from '../start/json-http.mjs'
import { large, small } from './furnish.mjs'

/**
 * What Ferrule has to say of a walk: every event, every operation with its steps, the certificates, its settings.
 *
 * @returns {Promise<Record<string, unknown>>} by file name
 */
export async function harvest({ url, token }) {
  const api = jsonHttp(`${url}/api/v1`, token)
  const operations = await all(api, '/operations', 'before')
  const certificates = {}
  const there = (await api.get('/hosts?limit=500')).items.map(({ name }) => name)
  for (const host of [large, small].filter((name) => there.includes(name)))
    certificates[host] = (await api.get(`/hosts/${host}/certificates`)).items
  return {
    'events.json': await all(api, '/events', 'after'),
    'operations.json': await Promise.all(operations.map(({ id }) => api.get(`/operations/${id}/record`))),
    'certificates.json': certificates,
    'hosts.json': (await api.get('/hosts?limit=500')).items,
    'instances.json': (await api.get('/instances?limit=500')).items,
    'racks.json': (await api.get('/racks?limit=500')).items,
    'settings.json': await api.get('/settings'),
  }
}

async function all(api, path, cursor) {
  const items = []
  for (let next = null; ; ) {
    const page = await api.get(`${path}?limit=500${next === null ? '' : `&${cursor}=${next}`}`)
    items.push(...page.items)
    next = page.next
    if (next === null) return items
  }
}

/** The state of the room: machines, ports, leases, and the diary of everything that a witness saw. */
export async function worldOf(witness, facts) {
  const ports = {}
  for (const { name } of facts.switches) ports[name] = await witness.lab.get(`/switches/${name}/ports`)
  return {
    machines: await witness.lab.get('/machines'),
    ports,
    leases: await witness.lab.get('/leases'),
    diary: (await witness.lab.get('/diary')).sightings,
  }
}

/** Writes what a walk produced to `folder`: nothing there holds a secret. */
export function keep(folder, places, documents) {
  mkdirSync(folder, { recursive: true })
  for (const [name, document] of Object.entries(documents))
    writeFileSync(join(folder, name), `${JSON.stringify(document, null, 2)}\n`)
  copyFileSync(places.daemonLog, join(folder, 'ferruled.log'))
  copyFileSync(places.labLog, join(folder, 'lab.log'))
  const config = readFileSync(places.config, 'utf8')
  writeFileSync(join(folder, 'ferrule.yaml'), config.replace(/(Key|Secret)=[^;"]*/g, '$1=********'))
}
