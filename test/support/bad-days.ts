import { expect } from 'vitest'
import { deployInstance } from '../../src/services/deploy.ts'
import { hostView } from '../../src/services/hosts.ts'
import type { OperationView } from '../../src/services/operations.ts'
import type { Rig } from './rig.ts'
import { admin } from './rig.ts'
import { waitUntil } from './wait.ts'

/** Asks for a server called `name` and waits for the end; a large one (two NICs, 16 CPUs) on network blue if not said otherwise. */
export async function tryDeploy(
  rig: Rig,
  name: string,
  request: { offering?: string; networks?: string[]; image?: string; ms?: number } = {},
): Promise<OperationView> {
  const { offering = 'large', networks = ['blue'], image = 'jammy', ms } = request
  const { operation } = await deployInstance(rig.core.services, admin, {
    name,
    template: image,
    offering,
    nics: networks.map((network) => ({ network })),
  })
  return rig.ended(operation.id, ms)
}

/** One clear error: what, where and what to do, and nothing that only a programmer could read. */
export function expectOneError(
  operation: OperationView,
  code: string,
  message: RegExp,
  remedy: RegExp = /\w{3,}.*\.$/,
): void {
  expect(operation.state).toMatch(/undone|cancelled/)
  expect(operation.error).toMatchObject({ code })
  expect(operation.error?.message).toMatch(message)
  expect(operation.error?.remedy).toMatch(remedy)
  expect(`${operation.error?.message} ${operation.error?.remedy}`).not.toMatch(
    /undefined|\[object|unexpected:|\bat .*\.ts/,
  )
}

export function portsOf(rig: Rig, name: string): { untagged: number | null; tagged: readonly number[] }[] {
  return rig.lab.world
    .machine(name)
    .nics.map((nic) => rig.lab.fabric.membership(nic.cable))
    .map(({ untagged, tagged }) => ({ untagged, tagged }))
}

export function parked(rig: Rig, name: string, vlan = 10) {
  return rig.lab.world.machine(name).nics.map(() => ({ untagged: vlan, tagged: [] }))
}

/** From now on: each state of a port of any switch that is not that of a host at rest. */
export function notParked(rig: Rig): string[] {
  const seen: string[] = []
  for (const [name, tor] of rig.lab.switches)
    tor.onChange((port) => {
      const { untagged, tagged } = tor.membership(port)
      if (untagged !== 10 || tagged.length > 0) seen.push(`${name} ${port}: ${untagged} ${tagged.join()}`)
    })
  return seen
}

/** Looks while a machine stands still in an environment of MAAS: there it speaks with the addresses of its own NICs. */
export async function whileOneSpeaks<T>(rig: Rig, look: (machine: string) => Promise<T>): Promise<T> {
  const speaks = () => rig.lab.world.machines.find((one) => one.running().kind === 'ephemeral')
  await waitUntil('a machine runs an environment of MAAS', () => speaks() !== undefined)
  rig.lab.world.setTimeScale(0.01)
  try {
    return await look(speaks()?.name ?? '')
  } finally {
    rig.lab.world.setTimeScale(600)
  }
}

/** How often the host's power went on and off so far, as a witness in the room saw it. */
export function powerSwitches(rig: Rig, name: string): string[] {
  return rig.lab.world.diary
    .filter((line) => line.kind === 'power' && line.machine === name)
    .map((line) => line.detail)
}

/** The resting state, whole: off, ports parked, Ready without a bond in MAAS, and no record that keeps the host. */
export async function expectResting(rig: Rig, name: string): Promise<void> {
  const { db, maas } = rig.core.services.tools
  const machine = rig.lab.world.machine(name)
  const host = await hostView(rig.core.services, name)
  const count = async (table: string) =>
    Number(
      (await db.query<{ count: string }>(`select count(*) from ${table} where host_id = $1`, [host.id]))
        .rows[0]?.count,
    )
  const interfaces = host.systemId ? await maas.interfaces(host.systemId) : []
  expect({
    state: host.state,
    dirty: host.dirty,
    attention: host.attention,
    power: machine.power(),
    ports: portsOf(rig, name),
    maas: rig.lab.maasStatus(machine)?.status,
    bonds: interfaces.filter((one) => one.type === 'bond').length,
    holds: await count('hold'),
    tenancies: await count('tenancy'),
    ledger: await count('port_ledger'),
    boot: machine.bootFlags.device,
  }).toEqual({
    state: 'available',
    dirty: false,
    attention: null,
    power: 'off',
    ports: parked(rig, name),
    maas: 'Ready',
    bonds: 0,
    holds: 0,
    tenancies: 0,
    ledger: 0,
    boot: 'network',
  })
}

/** No operation is under way any more: what took over from a failed one has ended too. */
export async function allQuiet(rig: Rig, ms = 40_000): Promise<void> {
  const { db } = rig.core.services.tools
  await expect
    .poll(
      async () =>
        (
          await db.query<{ kind: string; state: string }>(
            'select kind, state from operation where ended_at is null',
          )
        ).rows,
      { timeout: ms, interval: 50 },
    )
    .toEqual([])
}

/** Somebody who works in MAAS and knows nothing of us. */
export function somebodyElse(systemId: string) {
  return {
    kind: 'host' as const,
    id: systemId,
    holder: 'somebody else',
    signal: new AbortController().signal,
    check: async () => undefined,
  }
}

/** Somebody who configures a switch past us. */
export function somebodyAtTheSwitch(switchId: string) {
  return { ...somebodyElse(switchId), kind: 'switch' as const }
}

/** A deployment by hand, past us; resolves when MAAS says Deployed. The boot NIC asks for DHCP, as MAAS's first boot needs it here. */
export async function deployPastUs(rig: Rig, name: string): Promise<string> {
  const { maas } = rig.core.services.tools
  const machine = rig.lab.world.machine(name)
  const systemId = rig.lab.maasStatus(machine)?.systemId ?? ''
  const lease = somebodyElse(systemId)
  await maas.allocate(lease, { systemId, agentName: 'somebody', comment: '' })
  const boot = (await maas.interfaces(systemId)).find((one) => one.mac === machine.nics[0]?.mac)
  const subnet = (await maas.subnets()).find((one) => one.vlanId === boot?.vlanId && one.dhcpOn)
  if (!boot || !subnet) throw new Error(`${name} has no boot NIC in a subnet with DHCP`)
  for (const link of boot.links) await maas.unlinkSubnet(lease, systemId, boot.id, link.id)
  await maas.linkSubnet(lease, systemId, boot.id, { subnetId: subnet.id, mode: 'DHCP' })
  await maas.deploy(lease, systemId, {
    distroSeries: 'ubuntu/jammy',
    userData: '#cloud-config\n',
    comment: '',
  })
  await expect.poll(() => rig.lab.maasStatus(machine)?.status, { timeout: 20_000 }).toBe('Deployed')
  return systemId
}
