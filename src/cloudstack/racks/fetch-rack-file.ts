import { FerruleError } from '../../domain/errors.ts'
import { namesSecrets } from '../../services/rack-file.ts'

/** A rack file of a hundred racks is some hundred KiB. */
const MOST_BYTES = 4 * 1024 * 1024
const PATIENCE_MS = 10_000

/** What may be said of an address: neither a user in it nor what stands behind the path. */
export function plainUrl(url: string): string {
  try {
    const { origin, pathname } = new URL(url)
    return `${origin}${pathname}`
  } catch {
    return 'an address that is none'
  }
}

/**
 * A file from where CloudStack says that the rack configuration is.
 *
 * @param allowed how addresses begin that files may come from: whoever may write CloudStack's records says where this
 *   daemon knocks, and whose switches it takes for ours
 * @throws invalid-input or check-failed, with what to do
 */
export async function fetchRackFile(url: string, allowed: readonly string[]): Promise<string> {
  const where = plainUrl(url)
  if (!isAllowed(url, allowed))
    throw new FerruleError(
      'invalid-input',
      `it is at ${where}, from where none is taken`,
      'Add the beginning of its address to cloudstack.racks.urls, or apply the file here: "ferrule rack apply".',
    )
  if (namesUser(url))
    throw new FerruleError(
      'invalid-input',
      `the address of ${where} has a user or a password in it, which are sent to nobody`,
      'Let this machine read the file without them, or apply it here: "ferrule rack apply".',
    )
  let text: string
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    text = await bounded(response)
  } catch (error) {
    throw new FerruleError(
      'check-failed',
      `${where} could not be read: ${reasonOf(error)}`,
      'Make the file readable there from here; it is asked for again at each look.',
    )
  }
  // a reference names a secret of this machine, and the file of somebody else may not: the switch that it is sent to is theirs
  if (namesSecrets(text))
    throw new FerruleError(
      'invalid-input',
      `${where} names secrets of this machine ("ref"), and a file from elsewhere may not`,
      'Write the passwords into the file, as CloudStack wants it, or apply it here: "ferrule rack apply".',
    )
  return text
}

function isAllowed(url: string, allowed: readonly string[]): boolean {
  if (!URL.canParse(url)) return false
  const { href, protocol } = new URL(url)
  return /^https?:$/.test(protocol) && allowed.some((start) => href.startsWith(new URL(start).href))
}

/** fetch refuses such an address too, in words that have the password in them. */
function namesUser(url: string): boolean {
  const { username, password } = new URL(url)
  return username !== '' || password !== ''
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    if (size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES / 1024 / 1024} MiB`)
    parts.push(part)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
