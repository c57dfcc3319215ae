import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The account that a server process runs as. */
export interface Account {
  uid: number
  gid: number
}

/** Accounts worth trying when we are root, best first: a PostgreSQL that can read nobody else's files is safest. */
const unprivileged = ['ferrule', 'postgres', 'nobody']

/**
 * PostgreSQL refuses to run as root, so root lends it an unprivileged account; anybody else runs it as themselves.
 *
 * @param cluster the cluster's folder. An existing one keeps its owner, whatever accounts were added since.
 * @returns undefined when the server may run as we do.
 */
export function chooseAccount(cluster: string, passwd = readPasswd()): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  for (const name of unprivileged) {
    const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`))
    const [, , uid, gid] = line?.split(':') ?? []
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) }
  }
  // The kernel's overflow account, which every Linux has even without a name for it.
  return { uid: 65534, gid: 65534 }
}

/** May `account` walk down to `path` and, there, read (and for a folder or a program, enter or run) it? */
export function canReach(path: string, account: Account | undefined): boolean {
  if (account === undefined) return true
  const readAndEnter = 0o5
  const enter = 0o1
  if (!permits(path, account, readAndEnter)) return false
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!permits(folder, account, enter)) return false
    if (folder === dirname(folder)) return true
  }
}

function permits(path: string, account: Account, wanted: number): boolean {
  const { uid, gid, mode } = statSync(path)
  // The kernel asks the first class that fits and no other: owner, then group, then the rest.
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
  return ((mode >> shift) & wanted) === wanted
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch {
    return ''
  }
}
