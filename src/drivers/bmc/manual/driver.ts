import { FerruleError } from '../../../domain/errors.ts'
import type { HostLease } from '../../../domain/lease.ts'
import { confirmCommand } from '../../../domain/person.ts'
import { personBootDevice } from '../person/boot-device.ts'
import { hostOf, type PersonSettings, waitForWord } from '../person/desk.ts'
import type { Bmc, BmcDriver, BmcEndpoint, BmcHost, PowerState } from '../types.ts'

/**
 * For a host without a BMC that anybody could reach: a person switches it, and says what is so. Each command leaves a
 * question, and the next look at the power waits for the answer. What nobody has said lately is unknown, and unknown
 * is never off.
 */
export function createManualDriver(settings: PersonSettings): BmcDriver {
  let closed = false

  function open(endpoint: BmcEndpoint): Bmc {
    const host = hostOf(endpoint)
    const stopped = () => closed

    async function ask(lease: HostLease, question: string): Promise<void> {
      await lease.check()
      await settings.desk.ask(host.id, 'power', question, lease.holder)
    }

    return {
      address: endpoint.address,
      power: () => power(settings, host, stopped),
      powerOn: (lease) => ask(lease, `Switch ${host.name} on.`),
      powerOff: (lease) => ask(lease, `Switch ${host.name} off, hard if need be.`),
      softOff: (lease) => ask(lease, `Shut the system of ${host.name} down, so that it is off.`),
      powerCycle: async () => {
        throw new FerruleError(
          'bmc-unsupported',
          `${host.name} is switched by a person, who cannot say afterwards that it was off in between`,
          'Switch it off and on, one after the other.',
          { host: host.name },
        )
      },
      ...personBootDevice(settings, host, stopped),
      close: async () => undefined,
    }
  }

  async function close(): Promise<void> {
    closed = true
  }

  return { name: 'manual', open, close }
}

/** Only on behalf of an operation is a person asked; who just looks gets what is known. */
async function power(settings: PersonSettings, host: BmcHost, stopped: () => boolean): Promise<PowerState> {
  const { desk, wordMs } = settings
  const { word, question } = await desk.look(host.id, 'power')
  if (word && word.ageMs <= wordMs) return stateOf(word.says)
  const holder = await desk.holder(host.id)
  if (holder === null) return 'unknown'
  const text = question ?? `Look whether ${host.name} is on or off.`
  if (question === null) await desk.ask(host.id, 'power', text, holder)
  const says = await waitForWord(settings, host, 'power', { wordMs, stopped })
  if (says !== null) return stateOf(says)
  throw new FerruleError(
    'power-unknown',
    `nobody has said yet whether ${host.name} is on (asked for: ${text})`,
    `${text} Then say what is so: "${confirmCommand('power', host.name)}".`,
    { host: host.name },
  )
}

function stateOf(says: string): PowerState {
  return says === 'on' || says === 'off' ? says : 'unknown'
}
