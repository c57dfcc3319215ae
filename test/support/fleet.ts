import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startLab } from '../../lab/lab.ts'
import { rackFile } from '../../lab/rack-file.ts'
import type { Lab } from '../../lab/types.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Core } from '../../src/core.ts'
import { startCore } from '../../src/core.ts'
import { startPostgres } from '../../src/postgres/launcher.ts'
import { createPool } from '../../src/postgres/pool.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { applyRack } from '../../src/services/racks.ts'
import type { Database } from '../../src/store/database.ts'
import { openDatabase, SEARCH_PATH } from '../../src/store/database.ts'
import { type Operation, operationById } from '../../src/store/operations.ts'
import { addLane } from './drives.ts'
import { type Lane, Lanes } from './lanes.ts'
import type { Call, Reply } from './replica-process.ts'
import { admin, writeConfig } from './rig.ts'

/** Built code, so that a replica is a plain Node process: nothing of the test runner is killed with it. */
const program = fileURLToPath(new URL('../../dist/test/support/replica-process.js', import.meta.url))
const TIME_SCALE = 200

interface Member {
  process: ChildProcess
  ready: Promise<void>
}

/** A lab, one PostgreSQL, and replicas as processes of their own; a replica that dies is replaced, as a supervisor would. */
export interface Fleet {
  lab: Lab
  db: Database
  lanes: Lanes
  /** Asks a living replica; `order` says what befalls whichever replica runs the operation, and where. */
  call(call: Call['call'], lane: Lane, name: string, order: string): Promise<Operation>
  /**
   * Did a replica come to the point of this operation's order? After the last step's effect the operation has ended
   * already when the replica gets there: so this waits a little.
   */
  obeyed(operation: Operation): Promise<boolean>
  /** Replicas that ended by a signal, or with an exit code. */
  deaths(how: string): number
  /** Wakes the replicas that stopped themselves, and waits until they have ended. */
  thaw(): Promise<void>
  stop(): Promise<void>
}

export async function startFleet(options: { lanes: number; replicas: number }): Promise<Fleet> {
  if (!existsSync(program)) throw new Error(`${program} is not there: run "npm run build" first`)
  const dir = testFolder('fleet')
  const orders = join(dir, 'orders')
  await mkdir(orders)
  const lab = await startLab({ seed: 7, timeScale: TIME_SCALE, racks: ['r1'], bmcSessions: 64 })
  const config = await writeConfig(
    dir,
    lab,
    TIME_SCALE,
    'erase: { policy: quick }\ndeadlines: { deviceTimeout: 200ms, switchLease: 2s }\nobservers: { powerEvery: 24h, portsEvery: 3650d }',
  )
  const postgres = await startPostgres({ dataDir: join(dir, 'data'), log: () => undefined })
  const pool = createPool(postgres.url, { max: 10, searchPath: SEARCH_PATH })
  const db = openDatabase(pool)
  const lanes = await furnishLanes(config, lab, db, options.lanes)

  const members = new Set<Member>()
  const ends: string[] = []
  const replies = new Map<number, (reply: Reply) => void>()
  let stopping = false
  let calls = 0

  function spawn(): void {
    const child = fork(program, [config, orders], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const ready = new Promise<void>((resolve) => {
      child.on('message', (reply: Reply) => {
        if ('ready' in reply) resolve()
        else replies.get(reply.id)?.(reply)
      })
    })
    const member: Member = { process: child, ready }
    members.add(member)
    child.on('exit', (code, signal) => {
      members.delete(member)
      ends.push(signal ?? String(code))
      if (!stopping) spawn()
    })
  }
  for (let count = 0; count < options.replicas; count++) spawn()
  await Promise.race([...members].map((member) => member.ready))

  /** A replica may die under a call: then another one is asked, if the first one's transaction left nothing. */
  async function ask(message: Omit<Call, 'id'>): Promise<Operation> {
    for (;;) {
      const awake = [...members].filter(({ process: child }) => !isStopped(child))
      const member = await Promise.any(awake.map((one) => one.ready.then(() => one)))
      const id = ++calls
      const reply = await new Promise<Reply | null>((resolve) => {
        replies.set(id, resolve)
        member.process.once('exit', () => resolve(null))
        member.process.send({ ...message, id }, (error) => {
          if (error) resolve(null)
        })
      })
      replies.delete(id)
      const operation = reply && 'operation' in reply ? reply.operation : await begunFor(db, message)
      if (operation) return operation
      if (reply && 'error' in reply && reply.error)
        throw new Error(`${message.call} was refused: ${reply.error}`)
    }
  }

  return {
    lab,
    db,
    lanes,
    async call(call, lane, name, order) {
      const operation = await ask({ call, name, offering: lane.offering, networks: [lane.networks.blue] })
      // whole at once: a replica that waits for it must not read half of it
      const file = join(orders, operation.id)
      await writeFile(`${file}.new`, order)
      await rename(`${file}.new`, file)
      return operation
    },
    async obeyed(operation) {
      const mark = join(orders, `${operation.id}.done`)
      for (let look = 0; look < 200 && !existsSync(mark); look++) await pause(50)
      return existsSync(mark)
    },
    deaths: (how) => ends.filter((end) => end === how).length,
    async thaw() {
      const frozen = [...members].filter(({ process: child }) => isStopped(child))
      for (const { process: child } of frozen) {
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGCONT')
        await ended
      }
    },
    async stop() {
      stopping = true
      const all = [...members]
      const ended = all.map(({ process: child }) => new Promise((resolve) => child.once('exit', resolve)))
      for (const { process: child } of all) child.kill('SIGKILL')
      await Promise.all(ended)
      await pool.end()
      await postgres.stop()
      await lab.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Lab and hosts are made ready by a replica of our own, which is gone before the first process starts. */
async function furnishLanes(config: string, lab: Lab, db: Database, count: number): Promise<Lanes> {
  const core = await startCore(loadConfig({ file: config, env: {} }), {
    log: () => undefined,
    env: {},
    onLeaseLost: () => undefined,
  })
  await applyRack(core.services, admin, 'lab', JSON.stringify(rackFile(lab.plan)))
  const lanes = await Lanes.open({ lab, core }, count)
  const all = await Promise.all(Array.from({ length: count }, () => lanes.take()))
  await Promise.all(all.map(async (lane) => lanes.succeeded(await addLane(lanes, lane, true))))
  for (const lane of all) lanes.give(lane)
  await core.stop()
  // what only looks needs nothing but the records
  lanes.rig = { lab, core: { services: { tools: { db } } } as Core }
  return lanes
}

/** The operation of a call whose replica died before it could answer, if it was begun. */
async function begunFor(db: Database, { call, name }: Omit<Call, 'id'>): Promise<Operation | null> {
  const { rows } = await db.query<{ id: string }>(
    `select operation.id from operation join instance on instance.id = operation.instance_id
     where instance.name = $1 and operation.kind = $2 order by number desc limit 1`,
    [name, call],
  )
  return rows[0] ? operationById(db, rows[0].id) : null
}

function isStopped({ pid }: ChildProcess): boolean {
  if (pid === undefined) return false
  try {
    return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T')
  } catch {
    return false
  }
}
