import { FerruleError } from '../../../../../domain/errors.ts'
import { createIpmiDriver } from '../../driver.ts'
import { ipmiSimReading } from '../../fixtures/recorded-readings.ts'
import { holdHost } from '../host-lease.ts'
import { replyOf, requestHex } from '../inquiry.ts'
import type { Received } from '../received.ts'
import { ScriptedBmc } from '../scripted-bmc.ts'
import { mutate, mutateData } from './mutate.ts'
import { recordedPackets } from './packets.ts'

export interface LiveCounts {
  /** Packets that a socket got from the BMC, damaged or not. */
  packets: number
  actions: number
  refused: number
}

/**
 * The whole driver on a socket, beside a BMC of which some replies are damaged before they are sealed, and which sends
 * damaged packets in between. Whatever an action comes to, it is a result or a FerruleError; afterwards the BMC behaves,
 * and the driver has to see the true power state, switch it, and leave no session.
 */
export async function fuzzLive(packets: number, random: (below: number) => number): Promise<LiveCounts> {
  const bmc = await ScriptedBmc.start('admin', 'secret')
  const driver = createIpmiDriver({
    ...{ requestTimeoutMs: 60, retransmitMs: 10, sessionRetryMs: 5, sessionsFullMs: 20 },
    consoleKeepAliveMs: 20,
  })
  const client = driver.open({ address: bmc.address, username: 'admin', password: 'secret' })
  const lease = holdHost()
  const recorded = new Map(ipmiSimReading)
  const counts: LiveCounts = { packets: 0, actions: 0, refused: 0 }
  let bent = true
  bmc.more = (command) => {
    const reply = replyOf(recorded.get(requestHex(asCommand(command))) ?? 'c1')
    return [reply.completionCode, [...reply.data]]
  }
  bmc.bend = (message) => {
    counts.packets += 1
    return bent && random(8) === 0 ? mutateData(message, random) : message
  }
  bmc.noise = () => {
    const noise = bent
      ? Array.from({ length: random(6) }, () =>
          mutate(recordedPackets[random(recordedPackets.length)] ?? Buffer.alloc(1), random),
        )
      : []
    counts.packets += noise.length
    return noise
  }

  const actions: (() => Promise<unknown> | undefined)[] = [
    () => client.power(),
    () => client.powerOn(lease),
    () => client.powerOff(lease),
    () => client.setBootDevice(lease, 'network', { persistent: false, efi: true }),
    () => client.inventory?.inventory(),
    () => client.sensors?.sensors(),
    () => client.eventLog?.eventLog({ limit: 5 }),
    () => client.identifyLight?.identify(5),
    async () => {
      const console = await client.console?.openConsole({ takeOver: true })
      await console?.write(Buffer.from('x')).catch(onlyFerruleErrors)
      await console?.close()
    },
  ]
  try {
    while (counts.packets < packets) {
      const action = actions[random(actions.length)]
      await action?.()?.catch((error: unknown) => {
        onlyFerruleErrors(error)
        counts.refused += 1
      })
      counts.actions += 1
    }
    bent = false
    for (const wanted of ['on', 'off', 'on'] as const) {
      await (wanted === 'on' ? client.powerOn(lease) : client.powerOff(lease))
      const seen = await client.power()
      if (seen !== wanted || bmc.power !== wanted) throw new Error(`power is ${bmc.power}, read as ${seen}`)
    }
  } finally {
    await driver.close()
    await bmc.stop()
  }
  if (bmc.hasSession) throw new Error('a session was left')
  return counts
}

function onlyFerruleErrors(error: unknown): void {
  if (!(error instanceof FerruleError)) throw error
}

function asCommand(command: Received) {
  return { name: '', netFn: command.netFn, number: command.number, data: command.data }
}
