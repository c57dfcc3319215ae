import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A path of a unix socket may have 107 bytes on Linux, 103 on macOS. */
const longestSocketPath = 103

/**
 * Where a lab and its Ferrule keep things:
 *
 *     ferrule.yaml   written anew at each start (it holds MAAS's key: mode 0600)
 *     admin.token    the administrator's API token
 *     master.key, postgres/, ferrule.sock   Ferrule's own
 *     lab/           the lab's state and, in lab/ready.json, its passwords
 *     log/           what the lab and the daemon wrote
 *     run/           process ids
 *
 * @param {string} folder
 */
export function placesIn(folder) {
  const data = resolve(folder)
  return {
    data,
    config: join(data, 'ferrule.yaml'),
    token: join(data, 'admin.token'),
    socket: socketIn(data),
    lab: join(data, 'lab'),
    labReady: join(data, 'lab', 'ready.json'),
    labLog: join(data, 'log', 'lab.log'),
    daemonLog: join(data, 'log', 'ferruled.log'),
    startPid: join(data, 'run', 'start.pid'),
    labPid: join(data, 'run', 'lab.pid'),
    daemonPid: join(data, 'run', 'ferruled.pid'),
  }
}

/** Makes the folders. Throws with a remedy when they cannot be written. */
export function preparePlaces(places) {
  try {
    for (const folder of [places.lab, dirname(places.labLog), dirname(places.startPid)])
      mkdirSync(folder, { recursive: true })
    for (const folder of [places.data, places.lab, dirname(places.startPid)])
      accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const owner = statSync(places.data, { throwIfNoEntry: false })?.uid
    const whose = owner === undefined || owner === userInfo().uid ? '' : ` (it belongs to user id ${owner})`
    throw new Error(
      `${places.data} cannot be written${whose}: ${error.code ?? error.message}.\n` +
        'Start as its owner, or name another folder: FERRULE_DATA_DIR=/some/folder npm start',
    )
  }
}

function socketIn(data) {
  const near = join(data, 'ferrule.sock')
  if (Buffer.byteLength(near) <= longestSocketPath) return near
  const hash = createHash('sha256').update(data).digest('hex').slice(0, 12)
  const folder = join(tmpdir(), `ferrule-${userInfo().uid}-${hash}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return join(folder, 'ferrule.sock')
}
