import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { jsonHttp } from '../start/json-http.mjs'
import { NotSeen } from './report.mjs'

const patience = 20_000

/**
 * Somebody in the data centre who looks at cables, disks and power, and at MAAS: every assertion of the walk rests on
 * the lab's control API and on MAAS's own, never on Ferrule's word.
 *
 * @param {object} facts lab/facts.ts
 */
export function createWitness(facts) {
  const lab = jsonHttp(facts.control)
  const machine = (name) => lab.get(`/machines/${name}`)

  /** Looks until it is as expected, and fails with what was seen last. */
  async function see(what, look, expected) {
    for (const start = Date.now(); ; await pause(50)) {
      const seen = await look()
      if (isDeepStrictEqual(seen, expected)) return
      if (Date.now() - start > patience) throw new NotSeen(what, expected, seen)
    }
  }

  return {
    lab,
    machine,
    see,
    /** VLANs of every port that the machine hangs on, in the running and in the saved configuration. */
    async seePorts(name, untagged, tagged = []) {
      const port = { enabled: true, untagged, tagged }
      const { nics } = await machine(name)
      await see(
        `switch ports of ${name}, running and saved`,
        async () => (await portsOf(lab, facts, nics)).flatMap(({ running, startup }) => [running, startup]),
        nics.flatMap(() => [port, port]),
      )
      const vlans = [`VLAN ${untagged} untagged`, ...tagged.map((vlan) => `${vlan} tagged`)]
      return `${nics.length > 1 ? 'both ports' : 'its port'} in ${vlans.join(', ')}`
    },
    async seePower(name, power) {
      await see(`power of ${name}`, async () => (await machine(name)).power, power)
      return `power ${power}`
    },
    async seeMaas(name, status) {
      await see(`MAAS's status of ${name}`, async () => (await machine(name)).maas?.status, status)
      return `MAAS says ${status}`
    },
    /** Interfaces of the running system with the lease that each got. @param {{ mac, ip, vlan }[]} nics */
    async seeLeases(name, nics) {
      await see(
        `interfaces of ${name} with their leases`,
        async () => (await machine(name)).interfaces.map(({ mac, vlan, lease }) => [mac, vlan, lease?.ip]),
        nics.map(({ mac, vlan, ip }) => [mac, vlan, ip]),
      )
      return nics.map(({ mac, vlan, ip }) => `${mac} has ${ip} by DHCP in VLAN ${vlan}`).join(', ')
    },
    /** Do these bytes stand on each of its disks, or on none? */
    async seeBytes(name, text, there) {
      const { disks } = await machine(name)
      await see(
        `"${text}" on the disks of ${name}`,
        () => Promise.all(disks.map((disk) => contains(lab, name, disk.name, text))),
        disks.map(() => there),
      )
    },
    async seeBlankDisks(name) {
      const { disks } = await machine(name)
      const look = async () => (await machine(name)).disks.map(({ blank }) => blank)
      await see(`disks of ${name} without one byte that is not zero`, look, [...disks].fill(true))
      return `${disks.map((disk) => disk.name).join(' and ')} all zero`
    },
    bootCount: async (name) => (await machine(name)).running.bootCount ?? 0,
    /** MAAS's own events of a machine, oldest first. */
    maasEvents: (systemId) => maasEvents(facts, systemId),
    /** Every tenant VLAN that a system was ever present in, with the MAC that it used there. */
    async presences() {
      const { sightings } = await lab.get('/diary')
      const tenant = ({ vlan }) => vlan >= facts.tenantVlans.from && vlan <= facts.tenantVlans.to
      return sightings.filter((one) => one.kind === 'presence' && tenant(one))
    },
  }
}

async function portsOf(lab, facts, nics) {
  return Promise.all(
    nics.map(async ({ cable }) => {
      const { name } = facts.switches.find(({ address }) => address === cable.switch)
      const ports = await lab.get(`/switches/${name}/ports`)
      return ports.find(({ port }) => port === cable.port)
    }),
  )
}

async function contains(lab, machine, disk, text) {
  const query = new URLSearchParams({ text })
  return (await lab.get(`/machines/${machine}/disks/${disk}/contains?${query}`)).contains
}

/** MAAS signs with OAuth 1.0a PLAINTEXT (RFC 5849, 3.4.4): the signature is the token's secret. */
async function maasEvents({ maas }, systemId) {
  const [consumer, token, secret] = maas.key.split(':')
  const oauth = {
    oauth_version: '1.0',
    oauth_signature_method: 'PLAINTEXT',
    oauth_consumer_key: consumer,
    oauth_token: token,
    oauth_signature: `%26${secret}`,
    oauth_nonce: Math.random().toString(36).slice(2),
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
  }
  const authorization = `OAuth ${Object.entries(oauth)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`
  const query = new URLSearchParams({ op: 'query', id: systemId, limit: '1000', level: 'DEBUG' })
  const response = await fetch(`${maas.url}/api/2.0/events/?${query}`, { headers: { authorization } })
  if (!response.ok) throw new Error(`MAAS's events: ${response.status} ${await response.text()}`)
  return (await response.json()).events.reverse()
}
