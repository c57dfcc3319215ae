import { type Command, decodeReply, encodeRequest } from './message.ts'
import { type IpmiSettings, shortBudget } from './options.ts'
import { privilege } from './rakp.ts'
import { decodeSessionless, encodeSessionless } from './rmcp.ts'
import type { Transport } from './transport.ts'

/** Get Channel Authentication Capabilities for this channel (0Eh), with IPMI 2.0 data (bit 7): IPMI 2.0 §22.13. */
const getChannelAuthCapabilities: Command = {
  name: 'Get Channel Authentication Capabilities',
  netFn: 0x06,
  number: 0x38,
  data: Buffer.from([0x8e, privilege.operator]),
}

/**
 * Does anything answer there? Asked without a session, because a BMC is silent about a session that it has forgotten
 * just as it is when it is gone.
 */
export async function answersSessionless(
  transport: Transport,
  settings: IpmiSettings,
  signal?: AbortSignal,
): Promise<boolean> {
  const packet = encodeSessionless(encodeRequest(getChannelAuthCapabilities, 0))
  const answer = await transport.exchange({
    packet: () => packet,
    accept: (received) => {
      const message = decodeSessionless(received)
      return message && decodeReply(message, getChannelAuthCapabilities, 0)
    },
    budgetMs: shortBudget(settings),
    retransmitMs: settings.retransmitMs,
    signal,
  })
  return answer !== undefined
}
