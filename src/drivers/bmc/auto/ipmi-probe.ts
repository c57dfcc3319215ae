import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

/** RMCP header of class IPMI (IPMI 2.0 §13.1.3, table 13-9). */
const rmcpIpmi = Buffer.from([0x06, 0x00, 0xff, 0x07])

/**
 * Get Channel Authentication Capabilities for this channel with IPMI 2.0 data, without a session (§22.13): every BMC
 * answers it to everybody.
 */
const question = Buffer.concat([
  rmcpIpmi,
  // Session header: no authentication, sequence and session 0, nine bytes of message.
  Buffer.from([0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0x09]),
  Buffer.from([0x20, 0x18, 0xc8, 0x81, 0x00, 0x38, 0x8e, 0x03, 0xb6]),
])

/** Does anything there speak IPMI? Asked three times within `ms`, for a packet may be lost. */
export function speaksIpmi(target: { host: string; port: number }, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(target.host) ? 'udp6' : 'udp4')
    const send = () => socket.send(question, target.port, target.host, (error) => error && end(false))
    const again = setInterval(send, ms / 3)
    const timer = setTimeout(() => end(false), ms)
    const end = (answer: boolean) => {
      clearInterval(again)
      clearTimeout(timer)
      socket.removeAllListeners('message')
      // Late errors are of no interest any more.
      socket.on('error', () => undefined)
      if (open) socket.close()
      open = false
      resolve(answer)
    }
    let open = true
    socket.on('error', () => end(false))
    socket.on('message', (answer) => {
      if (answer.subarray(0, rmcpIpmi.length).equals(rmcpIpmi)) end(true)
    })
    send()
  })
}
