import { resolve } from 'node:path'
import { scaleDuration } from './durations.ts'
import { classnameSetting, type ParsedConfig, systemUrlSetting } from './schema.ts'

/** The value of {@link classnameSetting} that makes MAAS the bare-metal provider. */
const maasProvider = 'org.apache.cloudstack.compute.maas.MaasResourceProvider'

/** What our own work may need on a busy machine, however fast the lab's time runs. Milliseconds. */
const shortestDeadline = 5000
const shortestPoll = 5

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

interface Derived {
  /** Absolute; null when there is none and everything is default. */
  file: string | null
  socket: string
  /** Is MAAS the bare-metal provider? If not, provisioning calls are refused with not-enabled. */
  enabled: boolean
  /** CloudStack's settings as they were written, whichever place they stood in. `systemUrl` holds secrets. */
  settings: { classname: string | null; systemUrl: string | null }
  /** `softOff` is stop.graceSeconds. */
  deadlines: ParsedConfig['deadlines'] & { softOff: number }
}

/**
 * Every duration is in real milliseconds, already divided by timeScale where it waits on the outside world. Paths are
 * absolute.
 */
export type Config = DeepReadonly<
  Omit<ParsedConfig, keyof Derived | typeof classnameSetting | typeof systemUrlSetting> & Derived
>

/** What follows from the values, each in the form that the rest of Ferrule uses. */
export function deriveConfig(parsed: ParsedConfig, file: string | null): Config {
  const { [classnameSetting]: topClassname, [systemUrlSetting]: topUrl, settings, ...rest } = parsed
  const classname = topClassname ?? settings[classnameSetting] ?? null
  const scaled = (ms: number): number => scaleDuration(ms, parsed.timeScale, shortestDeadline)
  const polled = (ms: number): number => scaleDuration(ms, parsed.timeScale, shortestPoll)
  const { deviceTimeout, switchLease, person, personWord, ...waits } = {
    ...parsed.deadlines,
    softOff: parsed.stop.graceSeconds * 1000,
  }
  return {
    ...rest,
    file,
    socket: parsed.socket ?? resolve(parsed.dataDir, 'ferrule.sock'),
    enabled: classname === maasProvider,
    settings: { classname, systemUrl: topUrl ?? settings[systemUrlSetting] ?? null },
    deadlines: {
      deviceTimeout,
      switchLease,
      person,
      personWord,
      commission: scaled(waits.commission),
      deploy: scaled(waits.deploy),
      handOver: scaled(waits.handOver),
      claim: scaled(waits.claim),
      erase: scaled(waits.erase),
      pxeSign: scaled(waits.pxeSign),
      powerSettle: scaled(waits.powerSettle),
      release: scaled(waits.release),
      softOff: scaled(waits.softOff),
    },
    poll: { maas: polled(parsed.poll.maas), power: polled(parsed.poll.power), lease: parsed.poll.lease },
    cloudstack: {
      ...parsed.cloudstack,
      ...(parsed.cloudstack.api === undefined
        ? {}
        : { api: { ...parsed.cloudstack.api, every: polled(parsed.cloudstack.api.every) } }),
    },
    observers: {
      ...parsed.observers,
      powerEvery: polled(parsed.observers.powerEvery),
      portsEvery: polled(parsed.observers.portsEvery),
      powerPerSubnet: parsed.observers.powerPerSubnet * parsed.timeScale,
    },
  }
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child)
    Object.freeze(value)
  }
  return value
}
