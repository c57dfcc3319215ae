import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Consoles } from '../console/rooms.ts'
import type { Services } from '../services/context.ts'
import { figures } from '../services/figures.ts'

/**
 * Prometheus: the process's own figures, what operations, hosts and their power are when it is asked, and what `meters`
 * has counted meanwhile.
 */
export function createMetrics(
  services: Services,
  consoles: Pick<Consoles, 'rooms'>,
  meters: { text(): Promise<string> },
): { contentType: string; text(): Promise<string> } {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const operations = new Gauge({
    name: 'ferrule_operations',
    help: 'Operations by state',
    labelNames: ['state'],
    registers: [register],
  })
  const hosts = new Gauge({
    name: 'ferrule_hosts',
    help: 'Hosts by state',
    labelNames: ['state'],
    registers: [register],
  })
  const power = new Gauge({
    name: 'ferrule_hosts_power',
    help: 'Hosts by power: on, off or unknown',
    labelNames: ['power'],
    registers: [register],
  })
  const oldest = new Gauge({
    name: 'ferrule_power_oldest_reading_seconds',
    help: 'Age of the oldest reading that says on or off, of hosts that no operation has',
    registers: [register],
  })
  const open = new Gauge({
    name: 'ferrule_consoles',
    help: 'Serial consoles that this replica has, by the state of their line',
    labelNames: ['line'],
    registers: [register],
  })
  const viewers = new Gauge({
    name: 'ferrule_console_viewers',
    help: 'Who watches them',
    registers: [register],
  })
  const breaker = new Gauge({
    name: 'ferrule_switch_breaker',
    help: 'Switches that this replica has spoken to: 1 at the state of their breaker (closed is well, open is left alone for a while)',
    labelNames: ['switch', 'state'],
    registers: [register],
  })
  const unanswered = new Gauge({
    name: 'ferrule_switch_unanswered_calls',
    help: 'Calls of this replica in a row that a switch has not answered',
    labelNames: ['switch'],
    registers: [register],
  })
  const drifting = new Gauge({
    name: 'ferrule_switch_drifting_ports',
    help: 'Ports that are not as wanted, running or saved, at the last look at their switch',
    labelNames: ['switch'],
    registers: [register],
  })
  const lookAge = new Gauge({
    name: 'ferrule_switch_look_age_seconds',
    help: 'Age of the last look at the ports of a switch that it answered',
    labelNames: ['switch'],
    registers: [register],
  })
  const watched = new Gauge({
    name: 'ferrule_switch_watch',
    help: 'How changes of ports are noticed: 1 at subscribed (the switch tells them), polled (its protocol does not push), lost or refused (it should, and is polled)',
    labelNames: ['switch', 'state'],
    registers: [register],
  })
  return {
    contentType: register.contentType,
    async text() {
      const now = await figures(services)
      operations.reset()
      hosts.reset()
      for (const { state, count } of now.operations) operations.set({ state }, count)
      for (const { state, count } of now.hosts) hosts.set({ state }, count)
      for (const state of ['on', 'off', 'unknown'] as const)
        power.set({ power: state }, now.power.states.find((one) => one.state === state)?.count ?? 0)
      breaker.reset()
      unanswered.reset()
      drifting.reset()
      lookAge.reset()
      watched.reset()
      for (const { address, watch } of now.switches)
        for (const state of ['subscribed', 'polled', 'lost', 'refused'] as const)
          watched.set({ switch: address, state }, state === watch.state ? 1 : 0)
      for (const { address, look } of now.switches) {
        if (look === null) continue
        drifting.set({ switch: address }, look.drift.length)
        if (look.at !== null)
          lookAge.set({ switch: address }, (services.tools.now() - Date.parse(look.at)) / 1000)
      }
      for (const { address, health } of now.switches) {
        if (health === null) continue
        for (const state of ['closed', 'open', 'half-open'] as const)
          breaker.set({ switch: address, state }, state === health.state ? 1 : 0)
        unanswered.set({ switch: address }, health.failures)
      }
      open.reset()
      const rooms = consoles.rooms()
      for (const { line } of rooms) open.inc({ line: line.state })
      viewers.set(rooms.reduce((sum, room) => sum + room.viewers.length, 0))
      oldest.set((now.power.oldest ?? 0) / 1000)
      return `${await register.metrics()}${await meters.text()}`
    },
  }
}
