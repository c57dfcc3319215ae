import { setTimeout as pause } from 'node:timers/promises'
import { bmcPlace } from './bmc.mjs'
import { jsonHttp } from './json-http.mjs'

const hostsAtOnce = 4

const networks = [
  { name: 'blue', vlan: 101, cidr: '10.101.0.0/24' },
  { name: 'green', vlan: 102, cidr: '10.102.0.0/24' },
]
const offerings = [
  { name: 'bm.small', cpuCount: 8, memoryMib: 32 * 1024 },
  { name: 'bm.large', cpuCount: 16, memoryMib: 64 * 1024 },
]

/** What the lab's CloudStack has allocated for the first instance: its routers answer these MACs. */
export const firstInstance = {
  name: 'web1',
  nics: [
    { network: 'blue', vlan: 101, mac: '02:01:00:65:01:01' },
    { network: 'green', vlan: 102, mac: '02:01:00:66:01:01' },
  ],
}

/**
 * Fills a fresh lab through Ferrule's own API: rack configuration, template, offerings, networks with their virtual
 * routers, and every host: rack r2's are in MAAS already and are adopted, rack r1's are enlisted. What is there is
 * skipped, so that a start that was cut short is made whole by the next one.
 *
 * @param {{ url: string, token: string, facts: object, say: (line: string) => void, signal: AbortSignal }} options
 */
export async function seed({ url, token, facts, say, signal }) {
  const ferrule = jsonHttp(`${url}/api/v1`, token)
  const lab = jsonHttp(facts.control)
  const missing = async (path, wanted) => {
    const { items } = await ferrule.get(`${path}?limit=500`)
    return wanted.filter(({ name }) => !items.some((one) => one.name === name))
  }
  for (const { name } of await missing('/racks', [{ name: 'lab' }])) {
    const { switches } = await ferrule.put(`/racks/${name}`, await lab.get('/rack-file?units'))
    const ports = switches.reduce((sum, one) => sum + one.ports.length, 0)
    say(`rack configuration ${name}: ${switches.length} switches, ${ports} ports`)
  }
  await seedRouters(lab)
  for (const { name, vlan } of await missing('/networks', networks)) {
    await ferrule.post('/networks', { name, kind: 'isolated', vlan })
    say(`network ${name}: VLAN ${vlan}, with a virtual router in the lab`)
  }
  for (const template of await missing('/templates', [{ name: 'ubuntu-jammy', url: 'ubuntu/jammy' }])) {
    await ferrule.post('/templates', template)
    say(`template ${template.name}: MAAS image ${template.url}`)
  }
  for (const offering of await missing('/offerings', offerings)) {
    await ferrule.post('/offerings', offering)
    say(`offering ${offering.name}: ${offering.cpuCount} CPUs, ${offering.memoryMib / 1024} GiB`)
  }
  await seedHosts(await missing('/hosts', adoptedFirst(facts.machines)), { ferrule, say, signal })
}

async function seedRouters(lab) {
  const there = await lab.get('/networks')
  for (const network of networks)
    if (!there.some((one) => one.vlan === network.vlan)) await lab.post('/networks', network)
  const { name, nics } = firstInstance
  for (const { vlan, mac } of nics) await lab.post(`/networks/${vlan}/nics`, { mac, hostname: name })
}

/** The adopted ones are ready soonest, and one of each size stands in front. */
function adoptedFirst(machines) {
  return [...machines].sort((a, b) => b.rack.localeCompare(a.rack) || a.name.localeCompare(b.name))
}

async function seedHosts(machines, { ferrule, say, signal }) {
  const waiting = [...machines]
  let done = 0
  const worker = async () => {
    for (let machine = waiting.shift(); machine && !signal.aborted; machine = waiting.shift()) {
      const started = Date.now()
      const ended = await addHost(ferrule, machine, signal)
      if (signal.aborted) return
      done += 1
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      const how = machine.rack === 'r2' ? 'adopted from MAAS' : 'enlisted and commissioned'
      const outcome = ended.error ? `${ended.state}: ${ended.error.message}` : `${how}, disks proven erased`
      say(`host ${machine.name} (${done}/${machines.length}): ${outcome} (${seconds} s)`)
    }
  }
  await Promise.all(Array.from({ length: hostsAtOnce }, worker))
  if (machines.length > 0 && !signal.aborted) say('the lab is whole: see "npx ferrule host list"')
}

async function addHost(ferrule, machine, signal) {
  const { operation } = await ferrule.post('/hosts', {
    name: machine.name,
    bmc: {
      ...bmcPlace(machine),
      username: machine.bmc.username,
      password: machine.bmc.password,
    },
    bootMac: machine.nics[0].mac,
    cpuCount: machine.cpuCount,
    cpuSpeedMhz: machine.cpuSpeedMhz,
    memoryMib: machine.memoryMiB,
    tags: [machine.rack],
  })
  for (;;) {
    const now = await ferrule.get(`/operations/${operation.id}`)
    if (now.endedAt || now.state === 'parked' || signal.aborted) return now
    await pause(250)
  }
}
