import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Services } from '../services/context.ts'
import { figures } from '../services/figures.ts'

/** Prometheus: the process's own figures, and what operations and hosts are doing when it is asked. */
export function createMetrics(services: Services): { contentType: string; text(): Promise<string> } {
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
  return {
    contentType: register.contentType,
    async text() {
      const now = await figures(services)
      operations.reset()
      hosts.reset()
      for (const { state, count } of now.operations) operations.set({ state }, count)
      for (const { state, count } of now.hosts) hosts.set({ state }, count)
      return register.metrics()
    },
  }
}
