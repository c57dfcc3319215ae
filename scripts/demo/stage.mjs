import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startDaemon, writeLabConfig } from '../start/daemon.mjs'
import { startLab } from '../start/lab.mjs'
import { placesIn, preparePlaces } from '../start/places.mjs'
import { stopProgram } from '../start/processes.mjs'
import { small } from './furnish.mjs'

/**
 * A lab and a Ferrule of their own in a temporary folder, on free addresses.
 *
 * @param {{ timeScale: number }} options
 */
export async function setStage({ timeScale }) {
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-demo-'))
  // as root PostgreSQL runs as somebody else: what they cannot walk to would lie elsewhere, and stay
  chmodSync(folder, 0o711)
  const places = placesIn(folder)
  const running = []
  const strike = async () => {
    for (const program of running.splice(0).reverse()) await stopProgram(program)
    rmSync(places.data, { recursive: true, force: true })
    // a long temporary folder has its socket elsewhere
    if (dirname(places.socket) !== places.data)
      rmSync(dirname(places.socket), { recursive: true, force: true })
  }
  try {
    preparePlaces(places)
    const lab = await startLab(places, { timeScale, seed: 1, redfish: small })
    running.push(lab.program)
    writeLabConfig(places, lab.facts, { port: 0, installation: 'demo' })
    const daemon = await startDaemon(places, withoutOverrides())
    running.push(daemon.program)
    const token = readFileSync(daemon.tokenFile, 'utf8').trim()
    return { places, facts: lab.facts, url: daemon.url, socket: daemon.socket, token, strike }
  } catch (error) {
    await strike()
    throw error
  }
}

/** The demo's Ferrule takes nothing from the environment of whoever runs it. */
function withoutOverrides() {
  const own = ([name]) => !name.startsWith('FERRULE_') && name !== 'DATABASE_URL'
  return Object.fromEntries(Object.entries(process.env).filter(own))
}
