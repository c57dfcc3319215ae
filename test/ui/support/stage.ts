import { readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort, startDaemon, writeLabConfig } from '../../../scripts/start/daemon.mjs'
import { jsonHttp } from '../../../scripts/start/json-http.mjs'
import { startLab } from '../../../scripts/start/lab.mjs'
import { placesIn, preparePlaces } from '../../../scripts/start/places.mjs'
import { stopProgram } from '../../../scripts/start/processes.mjs'
import { seed } from '../../../scripts/start/seed.mjs'
import { testFolder } from '../../../src/postgres/testing/test-folder.ts'

/* biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the interface answers */
type Json = any
interface JsonHttp {
  get(path: string): Promise<Json>
  post(path: string, body?: object): Promise<Json>
  put(path: string, body: object): Promise<Json>
  delete(path: string): Promise<Json>
}

/** A lab and the daemon as it is delivered, with some hosts in it. */
export interface Stage {
  url: string
  token: string
  facts: Json
  /** The API, to look at what the pages said. */
  ferrule: JsonHttp
  /** The room: what the switches and machines really do. */
  lab: JsonHttp
  stopDaemon(): Promise<void>
  startDaemon(): Promise<void>
  strike(): Promise<void>
}

/** @param hosts null: a site where nobody has done anything yet */
export async function setStage({ hosts }: { hosts: readonly string[] | null }): Promise<Stage> {
  const places = placesIn(testFolder('ui'))
  preparePlaces(places)
  const lab = await startLab(places, { timeScale: 300, seed: 1 })
  const facts: Json = lab.facts
  writeLabConfig(places, lab.facts, {
    port: await freePort(18_420),
    installation: 'ui',
    dials: true,
  })
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('FERRULE_') && name !== 'DATABASE_URL'),
  )
  let daemon = await startDaemon(places, env)
  const token = readFileSync(daemon.tokenFile, 'utf8').trim()
  const stage: Stage = {
    url: daemon.url,
    token,
    facts,
    ferrule: jsonHttp(`${daemon.url}/api/v1`, token),
    lab: jsonHttp(facts.control),
    stopDaemon: () => stopProgram(daemon.program),
    async startDaemon() {
      daemon = await startDaemon(places, env)
    },
    async strike() {
      await stopProgram(daemon.program)
      await stopProgram(lab.program)
      rmSync(places.data, { recursive: true, force: true })
      if (dirname(places.socket) !== places.data)
        rmSync(dirname(places.socket), { recursive: true, force: true })
    },
  }
  if (hosts === null) return stage
  try {
    const machines = facts.machines.filter(({ name }: { name: string }) => hosts.includes(name))
    await seed({
      url: stage.url,
      token,
      facts: { ...facts, machines },
      say: () => undefined,
      signal: new AbortController().signal,
    })
  } catch (error) {
    await stage.strike()
    throw error
  }
  return stage
}

/** Looks until it is so. */
export async function until<Seen>(look: () => Promise<Seen | false | null | undefined>, ms = 40_000) {
  for (const end = Date.now() + ms; ; await pause(100)) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > end) throw new Error('it did not become so in time')
  }
}
