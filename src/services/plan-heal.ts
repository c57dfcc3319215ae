import type { Difference } from '../domain/drift.ts'
import { differences, wantedHost, wantedPort } from '../domain/drift.ts'
import { FerruleError } from '../domain/errors.ts'
import { instanceById } from '../store/instances.ts'
import type { SwitchRow } from '../store/racks.ts'
import { networkFaults } from '../workflows/install-checks.ts'
import { observeHost } from '../workflows/observe-host.ts'
import type { Services } from './context.ts'
import { findHost } from './hosts.ts'
import type { Plan } from './plan-parts.ts'
import { portLines, refusal, unlessRefused } from './plan-parts.ts'

/** The lines that a heal would send, and what it would leave to a person. */
export async function planHeal(
  services: Services,
  key: string,
  { power = false }: { power?: boolean | undefined } = {},
): Promise<Plan> {
  const { tools } = services
  const situation = await findHost(services, key)
  const { host, tenancy } = situation
  const instance = tenancy ? await instanceById(tools.db, tenancy.instanceId) : null
  const wanted = wantedHost(situation, instance)
  const rest = {
    action: 'heal',
    choice: null,
    bond: null,
    diskLayout: null,
    erase: null,
    expectedMinutes: 0,
    fingerprint: null,
  } as const
  if ('unknown' in wanted) {
    const refused = new FerruleError(
      'wrong-state',
      `${host.name} cannot be healed: ${wanted.unknown}`,
      `See "ferrule why host ${host.name}".`,
    )
    return { ...rest, refusals: [refusal(refused)], host: host.name, ports: [], maas: [], bmc: [] }
  }
  const observed = await observeHost(tools, host)
  const faults = wanted.nics && instance ? await networkFaults(tools, host, wanted.nics, instance.id) : []
  const found = differences(wanted, observed)
  // switched off first, a host that rests is confirmed off when its ports are set
  const then = power && wanted.power === 'off' && observed.power === 'on' ? 'off' : observed.power
  const plan = (row: SwitchRow, port: string) => {
    const running = observed.ports.find((one) => one.switch === row.address && one.port === port)?.running
    return wantedPort(wanted, { ...row, switchId: row.id, running: running ?? null }, then)
  }
  const ports = faults.length > 0 ? [] : await portLines(services, host, plan)
  return unlessRefused({
    ...rest,
    refusals: faults.map(refusal),
    host: host.name,
    ports: ports.filter(({ lines, saves }) => lines.length > 0 || saves),
    maas: found.filter(({ about }) => about === 'maas').map((one) => `nothing: ${inWords(one)}`),
    bmc: [
      ...found
        .filter(({ about }) => about === 'boot-device')
        .map(() => `boot device ${wanted.bootDevice} (persistent)`),
      ...found
        .filter(({ about }) => about === 'power')
        .map((one) => (power ? `power ${wanted.power}, confirmed` : `nothing: ${inWords(one)}; see --power`)),
    ],
  })
}

function inWords({ thing, wanted, seen }: Difference): string {
  return `${thing} is ${seen}, not ${wanted}`
}
