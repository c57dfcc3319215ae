import { WebSocket } from 'ws'
import { CliFailure, exitCodes, fromProblem } from '../failure.ts'
import type { Session } from '../session.ts'

/** As docs/reference/console.md has it. */
export interface ConsoleState {
  line: { state: string; reason?: string; remedy?: string }
  viewers: number
  writer: string | null
  writing: boolean
  mayWrite: boolean
}

export interface ConsoleStream {
  send(text: string): void
  take(): void
  close(): void
  /** Why it ended; rejects if it broke. */
  readonly ended: Promise<string>
}

/** The server says every 20 s that it is there; without that the connection is dead, though nobody has closed it. */
const SILENCE_MS = 60_000
/** Whoever ends it does not wait longer for the server's word. */
const CLOSE_MS = 1_000

/** Opens a host's console with the token of the session. Rejects with the server's own words if it refuses. */
export function openConsoleStream(
  session: Session,
  host: string,
  on: { data(bytes: Buffer): void; state(state: ConsoleState): void },
): Promise<ConsoleStream> {
  const url = `${session.url.replace(/^http/, 'ws')}/api/v1/hosts/${encodeURIComponent(host)}/console/stream`
  const socket = new WebSocket(url, 'ferrule.console.v1', {
    headers: session.token === null ? {} : { authorization: `Bearer ${session.token}` },
  })
  let closing = false
  const close = () => {
    closing = true
    socket.close(1000)
    setTimeout(() => socket.terminate(), CLOSE_MS).unref()
  }
  const silence = setTimeout(() => socket.terminate(), SILENCE_MS).unref()
  socket.on('ping', () => silence.refresh())
  const ended = new Promise<string>((resolve, reject) => {
    socket.on('close', (code, reason) => {
      clearTimeout(silence)
      const words = reason.toString('utf8')
      if (closing || code === 1000 || code === 1005) resolve(words)
      else reject(broken(session, words || `the connection was lost (${code})`))
    })
  })
  // whoever opens it may fail before anybody waits for its end
  ended.catch(() => undefined)
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) on.data(data)
    // the server's own message, as its documentation says
    else on.state(JSON.parse(data.toString('utf8')) as ConsoleState)
  })
  return new Promise((resolve, reject) => {
    socket.once('open', () =>
      resolve({
        send: (text) => socket.send(Buffer.from(text, 'utf8')),
        take: () => socket.send(JSON.stringify({ type: 'take' })),
        close,
        ended,
      }),
    )
    socket.once('error', (error) => reject(broken(session, error.message)))
    socket.once('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        reject(
          fromProblem(
            response.statusCode ?? 0,
            parse(Buffer.concat(chunks).toString('utf8')),
            new URL(url).pathname,
          ),
        ),
      )
    })
  })
}

function broken(session: Session, why: string): CliFailure {
  return new CliFailure(
    exitCodes.unreachable,
    `the console broke off: ${why}`,
    session.url,
    'Open it again; what the host prints meanwhile is kept for a while.',
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
