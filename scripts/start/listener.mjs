import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Who listens on this TCP address, as far as Linux shows it to us (proc(5): /proc/net/tcp, /proc/PID/fd).
 *
 * @returns {{ pid: number, command: string } | null}
 */
export function listenerOn(address, port) {
  try {
    const inode = listeningInode(address, port)
    const pid = inode && readdirSync('/proc').find((name) => /^\d+$/.test(name) && holds(name, inode))
    if (!pid) return null
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return { pid: Number(pid), command }
  } catch {
    return null
  }
}

/** The kernel writes IPv4 addresses as one hexadecimal number in the byte order of the machine, ports in plain hex. */
function listeningInode(address, port) {
  const hex = (number, digits) => number.toString(16).toUpperCase().padStart(digits, '0')
  const bytes = address.split('.').map((byte) => hex(Number(byte), 2))
  const locals = [bytes.toReversed().join(''), '00000000'].map((ip) => `${ip}:${hex(port, 4)}`)
  const listening = '0A'
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    if (state === listening && locals.includes(local)) return inode
  }
  return null
}

function holds(pid, inode) {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(
      (fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
    )
  } catch {
    // ended meanwhile, or another user's
    return false
  }
}
