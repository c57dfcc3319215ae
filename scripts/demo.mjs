/**
 * `npm run demo`: the whole life of bare-metal servers on a lab of its own, with the CLI's own commands and, at last, as
 * CloudStack asks. After each step the lab's world is looked at: leases, VLANs, disks, power.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createCli } from './demo/cli.mjs'
import { liveByCloudstack } from './demo/cloudstack.mjs'
import { furnish, large } from './demo/furnish.mjs'
import { harvest, keep, worldOf } from './demo/harvest.mjs'
import { live } from './demo/life.mjs'
import { createReport, NotSeen } from './demo/report.mjs'
import { filesIn, findSecrets } from './demo/secrets.mjs'
import { setStage } from './demo/stage.mjs'
import { createWitness } from './demo/witness.mjs'

const usage = `Usage: npm run demo [-- OPTIONS]
  --json           one JSON document {ok, seconds, steps} on stdout; the story goes to stderr. npm adds a heading of its own
                   to stdout unless it is asked not to: npm run -s demo -- --json
  --keep DIR       leave events, operations, certificates, logs and the state of the world in DIR
  --time-scale N   the lab's time runs N times faster than the real one (default 400)`

const started = performance.now()
const options = readOptions()
const say = (line) => (options.json ? process.stderr : process.stdout).write(`${line}\n`)
const report = createReport(say)

let stage = null
let ended = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(130))

try {
  await walk()
  await end(0)
} catch (error) {
  const shown = report.steps.some(({ ok }) => !ok) ? '' : `${error.stack}\n`
  process.stderr.write(`${shown}The demo failed.\n`)
  await end(1)
}

async function walk() {
  await report.step('start the lab and Ferrule', async () => {
    stage = await setStage(options)
    const { machines, switches, timeScale } = stage.facts
    return `${machines.length} servers, ${switches.length} switches, MAAS; time runs ×${timeScale}; Ferrule at ${stage.url}`
  })
  const cli = createCli({ ...stage, say: (line) => say(`          ${line}`) })
  const witness = createWitness(stage.facts)
  const scene = { ...stage, report, cli, witness }
  await furnish(scene)
  const nics = await live(scene)
  const firstHarvest = await harvest(stage)
  await takeAway(scene)
  nics.push(await liveByCloudstack(scene))

  report.heading('What must never be')
  await report.step('no system was ever in a network that is not its own', async () => {
    const seen = await witness.presences()
    const isOwn = ({ detail, vlan }) =>
      nics.some((nic) => nic.hostname.toLowerCase() === detail.toLowerCase() && nic.vlan === vlan)
    const strays = seen.filter((one) => !isOwn(one))
    if (strays.length > 0) throw new NotSeen('presences in tenant VLANs', [], strays)
    return `${seen.length} presences in tenant VLANs, each of the server that CloudStack put there`
  })
  const documents = { ...(await harvest(stage)), 'world.json': await worldOf(witness, stage.facts) }
  // certificates of a host that was removed since
  documents['certificates.json'] = { ...firstHarvest['certificates.json'], ...documents['certificates.json'] }
  if (options.keep) keep(options.keep, stage.places, documents)
  await report.step('no password of the lab in anything that Ferrule wrote', () =>
    findSecrets(stage.facts, stage.places, {
      'the answers of the API': JSON.stringify({ firstHarvest, ...documents, 'world.json': null }),
      'the story of this walk': JSON.stringify(report.steps),
      ...(options.keep ? filesIn(options.keep) : {}),
    }),
  )
}

async function takeAway({ report: { step, heading }, cli, witness }) {
  heading('Taking away')
  await step('delete the template', async () => {
    await cli.ferrule(['template', 'remove', 'ubuntu-jammy'])
    const left = await cli.ferrule(['template', 'list'])
    return `${left.length} templates left; the image stays in MAAS`
  })
  await step(`remove host ${large}`, async () => {
    await cli.ferrule(['host', 'remove', large])
    return `still in MAAS: ${await witness.seeMaas(large, 'Ready')}`
  }, ['host', large])
}

/** Stops what was started, and only that; then tells how it went. */
async function end(code) {
  if (ended) return
  ended = true
  if (code !== 0 && stage) await explain()
  await stage?.strike()
  const seconds = Math.round((performance.now() - started) / 10) / 100
  const ok = code === 0
  say(`\n${ok ? 'All' : 'Not all'} of it is as it must be: ${report.steps.length} steps in ${seconds} s`)
  if (options.keep) say(`Kept in ${options.keep}`)
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, seconds, steps: report.steps }, null, 2)}\n`)
  process.exitCode = code
  // a step of a walk that was broken off may still wait for something
  if (!ok) process.stdout.write('', () => process.exit(code))
}

async function explain() {
  const about = report.failedAbout()
  if (about) say(`\n$ ferrule why ${about.join(' ')}\n${await createCli(stage).asText(['why', ...about])}`)
  if (!options.keep) return
  try {
    const world = await worldOf(createWitness(stage.facts), stage.facts)
    keep(options.keep, stage.places, { ...(await harvest(stage)), 'world.json': world })
  } catch (error) {
    process.stderr.write(`Not everything could be kept: ${error.message}\n`)
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      keep: { type: 'string' },
      'time-scale': { type: 'string', default: '400' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  const timeScale = Number(values['time-scale'])
  if (!(timeScale >= 1 && timeScale <= 100_000)) {
    process.stderr.write(`--time-scale ${values['time-scale']} is not a number from 1 to 100000\n`)
    process.exit(2)
  }
  return { json: values.json, keep: values.keep && resolve(values.keep), timeScale }
}
