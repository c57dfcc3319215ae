import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort, startDaemon, writeLabConfig } from './daemon.mjs'
import { startLab } from './lab.mjs'
import { placesIn, preparePlaces, root } from './places.mjs'
import { lastWords, runningFrom, stopLeftover, stopProgram } from './processes.mjs'
import { firstInstance, seed } from './seed.mjs'

/** The exit code of a daemon that lost its lease and is to be started again (src/main.ts). */
const startAgain = 3
const defaultPort = 8420

const say = (line) => process.stdout.write(`${line}\n`)

/**
 * Starts the lab and Ferrule, seeds them, and holds them until a signal or the end of one of them.
 *
 * @param {{ timeScale: number, seed?: number, site?: number, racks?: number, tors?: string, port?: number }} options
 * @returns {Promise<number>} the exit code
 */
export async function runLab(options) {
  const started = performance.now()
  const places = placesIn(process.env.FERRULE_DATA_DIR ?? `${root}/.ferrule`)
  preparePlaces(places)
  if (await isRunning(places)) return 0

  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort())
  const running = []
  try {
    await clearAway(places)
    const lab = await startLab(places, options)
    running.push(lab.program)
    const port = options.port ?? (await freePort(defaultPort))
    writeLabConfig(places, lab.facts, { port, dials: true, cloud: true })
    const daemon = await startDaemon(places)
    running.push(daemon.program)
    writeFileSync(places.startPid, `${process.pid}\n${daemon.url}\n`)
    greet(places, daemon, lab.facts, performance.now() - started)
    if (!stopping.signal.aborted) fill(daemon, lab.facts, stopping.signal)
    const code = await hold(places, running, stopping.signal)
    say('Stopping …')
    return code
  } finally {
    const wasUp = running.length === 2
    // Ferrule first: it may be in the middle of a word with the lab
    for (const program of running.reverse()) await stopProgram(program)
    rmSync(places.startPid, { force: true })
    if (wasUp) say(`Stopped. The data stays in ${shown(places.data)}; the next start goes on with it.`)
  }
}

/** One start per data folder: the later one tells where the earlier one is, and leaves it alone. */
async function isRunning(places) {
  try {
    writeFileSync(places.startPid, `${process.pid}\n`, { flag: 'wx' })
    return false
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const pid = runningFrom(places.startPid, ['start.mjs'])
  if (pid === null || pid === process.pid) {
    writeFileSync(places.startPid, `${process.pid}\n`)
    return false
  }
  const url = await urlOf(places)
  say(
    `Ferrule and its lab run already: process ${pid}, ${url ?? 'still starting'} (data in ${shown(places.data)})`,
  )
  say(`Stop them with Ctrl-C there, or: kill ${pid}`)
  return true
}

async function urlOf(places) {
  for (let waited = 0; waited < 10_000; waited += 100) {
    const [, url] = read(places.startPid).split('\n')
    if (url) return url
    await pause(100)
  }
  return null
}

/**
 * After a kill -9 of an earlier start the daemon ends by itself; the lab does not notice and goes on. It is stopped and
 * started again rather than taken over: nobody but its starter can see it end, and its options are those of this start.
 * It writes its state down when it is asked to stop, so that its machines, switches and MAAS go on where they were.
 */
async function clearAway(places) {
  const daemon = await stopLeftover(places.daemonPid, ['ferruled', places.config])
  if (daemon) say(`Stopped the Ferrule that a killed start left running (process ${daemon.pid}).`)
  const lab = await stopLeftover(places.labPid, ['ferrule-lab', places.lab])
  if (!lab) return
  const state = lab.forced
    ? 'It did not answer and was ended at once: its last second may be lost.'
    : 'Its machines, switches and MAAS go on where they were.'
  say(`Stopped the lab that a killed start left running (process ${lab.pid}). ${state}`)
}

function greet(places, { url, tokenFile }, facts, ms) {
  const token = read(tokenFile).trim()
  const nics = firstInstance.nics.map(({ network, mac }) => `--nic network=${network},mac=${mac}`).join(' ')
  say(`
Ferrule is up after ${(ms / 1000).toFixed(1)} s: ${url}
  open     ${url}/#token=${token}
  lab      ${facts.machines.length} servers, ${facts.switches.length} switches, MAAS; time runs ×${facts.timeScale}; control API ${facts.control}
  token    ${token}   (in ${shown(tokenFile)})
  cloud    ${facts.cloudstack.url}   (CloudStack's API)
           key    ${facts.cloudstack.apiKey}
           secret ${facts.cloudstack.secretKey}
  data     ${shown(places.data)}; logs in ${shown(places.daemonLog)} and ${shown(places.labLog)}

Try, in another terminal:${exportsFor(url, tokenFile)}
  npx ferrule host list
  npx ferrule instance deploy ${firstInstance.name} --template ubuntu-jammy --offering bm.large ${nics}
After the first start it takes seconds until the first hosts are there, as told below. Ctrl-C stops everything.
`)
}

/** What the CLI does not find out by itself: it looks at port 8420 and for .ferrule/admin.token in the current folder. */
function exportsFor(url, tokenFile) {
  const words = []
  if (new URL(url).port !== String(defaultPort)) words.push(`FERRULE_URL=${url}`)
  if (shown(tokenFile) !== join('.ferrule', 'admin.token')) words.push(`FERRULE_TOKEN_FILE=${tokenFile}`)
  return words.length === 0 ? '' : `\n  export ${words.join(' ')}`
}

function fill({ url, tokenFile }, facts, signal) {
  const told = (line) => say(`  ${line}`)
  seed({ url, token: read(tokenFile).trim(), facts, say: told, signal }).catch((error) => {
    if (!signal.aborted) say(`  The lab could not be filled: ${error.message}\n  The next start tries again.`)
  })
}

/** Until a signal, or until one of the programs ends by itself. */
async function hold(places, running, signal) {
  const asked = new Promise((resolve) => {
    if (signal.aborted) resolve('asked')
    signal.addEventListener('abort', () => resolve('asked'))
  })
  for (;;) {
    const [lab, daemon] = running
    const end = await Promise.race([asked, lab.ended.then(() => lab), daemon.ended.then(() => daemon)])
    if (end === 'asked') return 0
    const code = await end.ended
    if (end === lab || code !== startAgain) {
      const name = end === lab ? 'The lab' : 'Ferrule'
      process.stderr.write(
        `${name} ended by itself (exit code ${code}). Its last words:\n${lastWords(end)}\n`,
      )
      return 1
    }
    say('Ferrule lost its lease on the database and is started again.')
    running[1] = (await startDaemon(places)).program
  }
}

function shown(path) {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

function read(file) {
  return readFileSync(file, 'utf8')
}
