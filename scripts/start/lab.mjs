import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { listenerOn } from './listener.mjs'
import { root } from './places.mjs'
import { lastWords, startProgram, stopProgram } from './processes.mjs'

const patience = 60_000

/**
 * Starts the lab and waits until it is up.
 *
 * @param {ReturnType<import('./places.mjs').placesIn>} places
 * @param {{ timeScale: number, seed?: number, site?: number, redfish?: string, racks?: number, tors?: string }} options `redfish`: the
 *   machine whose BMC speaks Redfish alone; `tors`: makes of the switches of rack r2; the lab's own choice without them
 * @returns {Promise<{ program: import('./processes.mjs').Program, facts: object }>} `facts`: lab/facts.ts
 */
export async function startLab(
  places,
  { timeScale, seed = seedOf(places) ?? 1, site, redfish, racks, tors },
) {
  rmSync(places.labReady, { force: true })
  const program = startProgram({
    script: join(root, 'bin', 'ferrule-lab'),
    args: [
      ...['--data-dir', places.lab, '--ready-file', places.labReady],
      ...['--time-scale', String(timeScale), '--seed', String(seed)],
      ...(site === undefined ? [] : ['--site', String(site)]),
      ...(redfish === undefined ? [] : ['--redfish', redfish]),
      ...(racks === undefined ? [] : ['--racks', String(racks)]),
      ...(tors === undefined ? [] : ['--tors', tors]),
      ...['--extension', join(root, 'extension', 'ferrule.sh')],
    ],
    log: places.labLog,
    pidFile: places.labPid,
    // its CloudStack calls the extension, which finds Ferrule so
    env: { ...process.env, FERRULE_SOCKET: places.socket },
  })
  for (const start = Date.now(); ; await pause(20)) {
    const facts = readFacts(places)
    if (facts) return { program, facts }
    if (program.hasEnded()) throw new Error(whyEnded(lastWords(program), places))
    if (Date.now() - start > patience) {
      await stopProgram(program)
      throw new Error(`The lab is not up after ${patience / 1000} s: read ${places.labLog}`)
    }
  }
}

/** A lab keeps its addresses for life, so that the process that has taken one must be named. */
function whyEnded(words, places) {
  if (words === '') return 'The lab ended without a word.'
  const taken = /EADDRINUSE.* ([\d.]+):(\d+)/.exec(words)
  if (taken === null) return words
  const who = listenerOn(taken[1], Number(taken[2]))
  return `${words}
${who === null ? 'Another process has this address' : `Process ${who.pid} has this address (${who.command})`}. End it, or make another lab in another folder than ${places.data}: FERRULE_DATA_DIR=/some/folder npm start`
}

/** A lab keeps the seed that it was made with. */
function seedOf(places) {
  try {
    return JSON.parse(readFileSync(join(places.lab, 'lab-state.json'), 'utf8')).seed
  } catch {
    return undefined
  }
}

function readFacts(places) {
  try {
    return JSON.parse(readFileSync(places.labReady, 'utf8'))
  } catch {
    return null
  }
}
