import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'

/** What ovs-vswitchd 3.1.0 answered to the driver's reading: a bridge with swp1, swp2, up1, and bond0 of b1 and b2. */
export const recordedRows = readFileSync(join(import.meta.dirname, '../ovsdb/fixtures/snapshot.json'), 'utf8')

export interface Request {
  id: number
  method: string
  params: unknown[]
}

export interface ScriptedServer {
  address: string
  requests: Request[]
  /** Connections that are open now. */
  open(): number
  stop(): Promise<void>
}

/** A server of one database that answers as a test says; it understands nothing. */
export async function scriptedServer(
  answer: (request: Request, socket: Socket, count: number) => void,
): Promise<ScriptedServer> {
  const requests: Request[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    // a client of ours writes each request at once
    socket.on('data', (chunk) => {
      const request: Request = JSON.parse(chunk.toString('utf8'))
      requests.push(request)
      answer(request, socket, requests.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  return {
    address: `127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`,
    requests,
    open: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

export function result(request: Request, outcomes: string): string {
  return `{"id":${request.id},"result":${outcomes},"error":null}`
}

export const isRead = ({ params }: Request): boolean => JSON.stringify(params).includes('"Interface"')
