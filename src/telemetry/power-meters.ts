import { Counter, Gauge, Histogram, Registry } from 'prom-client'

interface WatchState {
  breakers: Record<string, number>
  inFlight: number
}

/** What this replica's looks at BMCs came to, in Prometheus' text format. */
export interface PowerMeters {
  looked(result: string, seconds: number): void
  watch(state: () => WatchState): void
  text(): Promise<string>
}

export function createPowerMeters(): PowerMeters {
  const registry = new Registry()
  const registers = [registry]
  let state: () => WatchState = () => ({ breakers: {}, inFlight: 0 })
  const looks = new Counter({
    name: 'ferrule_power_looks_total',
    help: "Looks at hosts' power by this replica, by what they came to",
    labelNames: ['result'],
    registers,
  })
  const seconds = new Histogram({
    name: 'ferrule_power_look_seconds',
    help: 'How long a BMC took to answer, login included; a failed look counts with its whole wait',
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registers,
  })
  new Gauge({
    name: 'ferrule_power_watched_hosts',
    help: 'Hosts that this replica watches: closed is well, open is left alone for a while, refused is a login that failed',
    labelNames: ['breaker'],
    registers,
    collect() {
      this.reset()
      for (const [breaker, count] of Object.entries(state().breakers)) this.set({ breaker }, count)
    },
  })
  new Gauge({
    name: 'ferrule_power_looks_in_flight',
    help: 'BMCs that this replica is asking now',
    registers,
    collect() {
      this.set(state().inFlight)
    },
  })
  return {
    looked(result, duration) {
      looks.inc({ result })
      seconds.observe(duration)
    },
    watch(given) {
      state = given
    },
    text: () => registry.metrics(),
  }
}
