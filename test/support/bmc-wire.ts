import { createSocket, type Socket } from 'node:dgram'

/** A witness on the cable to a BMC: passes everything on, and counts the logins that are begun. */
export interface BmcWire {
  /** address:port; whoever asks here asks the BMC. */
  address: string
  /** When each login was begun, in milliseconds of performance.now(). A retransmit is the same login. */
  logins: { at: number; port: number }[]
  close(): Promise<void>
}

const OPEN_SESSION = 0x10

export async function startBmcWire(bmc: { address: string; port: number }): Promise<BmcWire> {
  const front = createSocket('udp4')
  const lines = new Map<number, Socket>()
  const logins: BmcWire['logins'] = []
  const begun = new Set<string>()
  await new Promise<void>((resolve) => front.bind(0, '127.0.0.1', resolve))
  front.on('message', (packet, from) => {
    if (packet[4] === 0x06 && packet[5] === OPEN_SESSION) {
      // the console's own session id names the login
      const login = `${from.port} ${packet.readUInt32LE(20)}`
      if (!begun.has(login)) logins.push({ at: performance.now(), port: from.port })
      begun.add(login)
    }
    let line = lines.get(from.port)
    if (!line) {
      line = createSocket('udp4')
      line.on('message', (answer) => front.send(answer, from.port, from.address))
      lines.set(from.port, line)
    }
    line.send(packet, bmc.port, bmc.address)
  })
  return {
    address: `127.0.0.1:${front.address().port}`,
    logins,
    close: async () => {
      for (const socket of [front, ...lines.values()])
        await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}
