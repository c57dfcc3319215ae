import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import { type Identity, selfSigned } from '../../redfish/certificate.ts'
import type { GnmiDials } from './dials.ts'

/** Where clients of one gRPC server come in: who may, and which certificate they are shown. */
export interface Door {
  readonly port: number
  /** Without power nobody is connected, and nobody can connect. */
  setPower(on: boolean): void
  /** Ends every connection. */
  cut(): void
  stop(): Promise<void>
}

/** @param port 0: any free one */
export async function openDoor(
  server: Server,
  { address, port, identity, dials }: { address: string; port: number; identity: Identity; dials: GnmiDials },
): Promise<Door> {
  const shown = ({ key, certificate }: Identity) =>
    server.createConnectionInjector(
      ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) },
      ]),
    )
  const own = shown(identity)
  const other = shown(selfSigned(address, Date.now()))
  const sockets = new Set<Socket>()
  let powered = true

  function cut(): void {
    for (const socket of sockets) socket.destroy()
  }

  const listener = createServer((socket) => {
    if (dials.down || !powered) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    const way = dials.otherCertificate ? other : own
    way.injectConnection(socket)
  })
  listener.listen(port, address)
  await once(listener, 'listening')
  const bound = listener.address()
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : port,
    setPower(on) {
      powered = on
      if (!on) cut()
    },
    cut,
    async stop() {
      const closed = once(listener, 'close')
      listener.close()
      cut()
      server.forceShutdown()
      await closed
    },
  }
}
