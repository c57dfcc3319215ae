import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { root } from './places.mjs'
import { lastWords, startProgram, stopProgram } from './processes.mjs'

const patience = 90_000

/**
 * Starts ferruled on the configuration in `places` and waits until it is ready. The channel between us also tells it
 * when we die without a word: then it ends by itself.
 *
 * @param {ReturnType<import('./places.mjs').placesIn>} places
 * @returns {Promise<{ program: import('./processes.mjs').Program, url: string, socket: string, tokenFile: string }>}
 */
export async function startDaemon(places, env = process.env) {
  const program = startProgram({
    script: join(root, 'bin', 'ferruled'),
    args: ['--config', places.config],
    log: places.daemonLog,
    pidFile: places.daemonPid,
    // the variable of the same name is for this script; the daemon would read it as an override of its own
    env: { ...env, FERRULE_DATA_DIR: places.data },
    ipc: true,
  })
  let timer
  const ready = await Promise.race([
    new Promise((resolve) => program.child.once('message', resolve)),
    program.ended.then(() => null),
    new Promise((resolve) => {
      timer = setTimeout(resolve, patience, 'late')
    }),
  ])
  clearTimeout(timer)
  if (ready === 'late') {
    await stopProgram(program)
    throw new Error(`Ferrule is not ready after ${patience / 1000} s: read ${places.daemonLog}`)
  }
  if (ready === null) throw new Error(lastWords(program) || 'Ferrule ended without a word.')
  return { program, url: ready.url, socket: ready.socket, tokenFile: ready.tokenFile }
}

/**
 * ferrule.yaml for a lab, with the two CloudStack settings as operators know them from CloudStack. The second one holds
 * MAAS's key, so nobody else may read the file.
 *
 * @param {ReturnType<import('./places.mjs').placesIn>} places
 * @param {{ port: number, installation?: string, dials?: boolean, cloud?: boolean }} options `dials`: the lab's own are in the
 *   browser too; `cloud`: the records of the lab's CloudStack are looked at, and what is added there is added here
 */
export function writeLabConfig(places, facts, { port, installation = 'lab', dials = false, cloud = false }) {
  const [consumer, token, secret] = facts.maas.key.split(':')
  const maas = new URL(facts.maas.url)
  const { tenantVlans: tenant } = facts
  const text = `# Written by "npm start" for the lab at every start: copy it before you change it.
installation: ${installation}
external.baremetal.resource.classname: org.apache.cloudstack.compute.maas.MaasResourceProvider
external.baremetal.system.url: "MaasIP=${maas.host};MaasKey=${token};MaasSecret=${secret};MaasConsumerKey=${consumer}"
listen: { host: 127.0.0.1, port: ${port} }
dataDir: ${JSON.stringify(places.data)}
socket: ${JSON.stringify(places.socket)}
network:
  pxeVlan: ${facts.pxeVlan}
  quarantineVlan: ${facts.quarantineVlan}
  vlanRange: { from: ${tenant.from}, to: ${tenant.to} }
${cloud ? writeCloudAccess(places, facts) : "# only these are sent a password because CloudStack's details of a host say so\ncloudstack: { hosts: { bmcNetworks: [127.0.0.0/8] } }"}
erase: { policy: full }
planner: { match: equal }
timeScale: ${facts.timeScale}
# five minutes of the lab's time, but no sooner than every five seconds by the clock on the wall
observers: { portsEvery: ${Math.max(300, 5 * facts.timeScale)}s }
${dials ? `lab: { control: ${JSON.stringify(facts.control)} }\n` : ''}`
  writeFileSync(places.config, text, { mode: 0o600 })
}

/** The keys of the lab's CloudStack and the passwords of its BMCs, each in a file, and the lines that name them. */
function writeCloudAccess(places, { cloudstack, machines, control, timeScale }) {
  const folder = join(places.data, 'cloudstack')
  const passwords = join(folder, 'bmc')
  mkdirSync(passwords, { recursive: true, mode: 0o700 })
  const secret = (file, text) => {
    writeFileSync(file, text, { mode: 0o600 })
    return JSON.stringify(`file:${file}`)
  }
  for (const { bmc } of machines) secret(join(passwords, bmc.address), bmc.password)
  const [user = ''] = new Set(machines.map(({ bmc }) => bmc.username))
  return `cloudstack:
  api:
    url: ${JSON.stringify(cloudstack.url)}
    key: ${secret(join(folder, 'key'), cloudstack.apiKey)}
    secret: ${secret(join(folder, 'secret'), cloudstack.secretKey)}
    every: ${Math.max(60, 5 * timeScale)}s
  # only these are sent a password because CloudStack's details of a host say so
  hosts: { act: enlist, bmcNetworks: [127.0.0.0/8], passwords: ${JSON.stringify(passwords)}, oldUsername: ${JSON.stringify(user)} }
  racks: { act: apply, urls: [${JSON.stringify(control)}] }`
}

/** The first free port of 127.0.0.1 from `from` on. */
export async function freePort(from) {
  for (let port = from; port <= 65_535; port += 1) if (await canListen(port)) return port
  throw new Error(`No port from ${from} on is free on 127.0.0.1.`)
}

function canListen(port) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
