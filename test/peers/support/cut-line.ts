import { connect, createServer, type Server, type Socket } from 'node:net'
import { z } from 'zod'

/** What becomes of one request: lost on its way, done but never answered, or refused. */
export type Fate = 'request lost' | 'answer lost' | 'refused'

const message = z.looseObject({ id: z.unknown().optional(), method: z.string().optional() })

/** A line to an OVSDB server on which one request goes wrong, once, or the line stays dead from then on. */
export class CutLine {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #port = 0
  #requests = 0
  #plan: { request: number; fate: Fate; dead: boolean } | null = null
  #dead = false

  private constructor(target: string) {
    this.#server = createServer((near) => this.#join(near, target))
  }

  static async open(target: string): Promise<CutLine> {
    const line = new CutLine(target)
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve))
    const bound = line.#server.address()
    line.#port = typeof bound === 'object' && bound ? bound.port : 0
    return line
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** How many requests came since the line was set. */
  get requests(): number {
    return this.#requests
  }

  /** From now on the n-th request, counted from 1, goes wrong. */
  set(plan: { request: number; fate: Fate; dead: boolean }): void {
    this.#plan = plan
    this.#requests = 0
    this.#dead = false
  }

  mend(): void {
    this.#plan = null
    this.#dead = false
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #join(near: Socket, target: string): void {
    if (this.#dead) {
      near.resetAndDestroy()
      return
    }
    const [host = '', port = ''] = target.split(':')
    const far = connect(Number(port), host)
    const cut = () => {
      near.resetAndDestroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        cut()
      })
    }
    let unanswered: unknown
    eachMessage(near, (text) => {
      const { id, method } = message.parse(JSON.parse(text))
      if (method !== undefined) this.#requests += 1
      const plan = this.#plan
      if (method === undefined || plan?.request !== this.#requests) {
        far.write(text)
        return
      }
      this.#plan = null
      this.#dead = plan.dead
      if (plan.fate === 'request lost') cut()
      else if (plan.fate === 'refused') near.write(JSON.stringify({ id, result: null, error: 'not today' }))
      else {
        unanswered = id
        far.write(text)
      }
      if (plan.fate === 'refused' && plan.dead) near.end()
    })
    eachMessage(far, (text) => {
      const { id, method } = message.parse(JSON.parse(text))
      if (method === undefined && unanswered !== undefined && id === unanswered) cut()
      else near.write(text)
    })
  }
}

/** JSON objects follow each other without anything between them. */
function eachMessage(socket: Socket, take: (text: string) => void): void {
  let [text, depth, quoted, escaped] = ['', 0, false, false]
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    for (const letter of String(chunk)) {
      text += letter
      if (escaped) escaped = false
      else if (quoted && letter === '\\') escaped = true
      else if (letter === '"') quoted = !quoted
      else if (!quoted && letter === '{') depth += 1
      else if (!quoted && letter === '}') depth -= 1
      if (depth > 0 || text.trim() === '') continue
      take(text)
      text = ''
    }
  })
}
