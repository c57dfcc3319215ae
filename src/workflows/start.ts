import { FerruleError } from '../domain/errors.ts'
import type { InstanceNic } from '../domain/instance.ts'
import { defaultNic } from '../domain/instance.ts'
import type { Outcome, Saga, StepContext } from '../saga/types.ts'
import { letGoHold } from '../store/holds.ts'
import { setMaasEventSeen } from '../store/hosts.ts'
import { instanceById, setClear, setInstanceNics, setInstanceState } from '../store/instances.ts'
import { ledgerOfHost } from '../store/ledger.ts'
import { endOperation } from '../store/operations.ts'
import { holdHost } from './hold.ts'
import { bootFromDisk, switchOff, switchOn } from './host-steps.ts'
import { joinFaults, networkFaults, settled } from './install-checks.ts'
import { leaveNumber, newestEvent, ourMachine } from './maas-machine.ts'
import { restOrQuarantine } from './off-or-quarantine.ts'
import { enterTenantVlans, parkPorts } from './ports.ts'
import { readPower } from './power.ts'
import { preMadeLagFaults } from './pre-made-lags.ts'
import type { Tools } from './tools.ts'

export interface StartInput {
  instanceId: string
  hostId: string
  /** As the request says now: VLANs may have changed while the instance was stopped. */
  nics: InstanceNic[]
}

type Context = StepContext<StartInput, object>

/** A20: power on only; MAAS is never asked to, for its IPMI power-on resets a running host. */
export const start: Saga<Tools, StartInput, object> = {
  ref: 'start@1',
  steps: [
    { name: 'check', title: 'Check host, image and networks', do: check, undo: { none: 'it only reads' } },
    // an old VLAN may be another tenant's by now: undo parks, and never puts one back from memory
    { name: 'ports', title: 'Ports on the tenant VLANs', do: connect, undo: park },
    {
      name: 'boot-disk',
      title: 'Boot device disk',
      do: bootFromDisk,
      undo: { none: 'undo of the ports sets network' },
    },
    { name: 'power-on', title: 'Power on', do: switchOn, undo: switchOff },
    { name: 'confirm', title: 'Confirm that it runs', do: confirm, undo: { none: 'it only reads' } },
  ],
  settle,
}

async function check(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  const { nics, instanceId } = context.input
  const faults = await networkFaults(tools, host, nics, instanceId)
  faults.push(...(await settled(preMadeLagFaults(tools, host))))
  const machine = await ourMachine(tools, host)
  if (machine.status !== 'Deployed') {
    faults.push(
      new FerruleError(
        'maas-state',
        `${host.name} is ${machine.status} in MAAS, not Deployed: there is no system to start`,
        'Destroy the instance, or reinstall it.',
        { host: host.name, status: machine.status },
      ),
    )
  }
  const bond = machine.interfaces.find((one) => one.type === 'bond')
  const mac = defaultNic(nics)?.mac
  if (bond && mac !== undefined && bond.mac !== mac) {
    faults.push(
      new FerruleError(
        'conflict',
        `the default NIC's MAC is ${mac}, but the installed system answers to ${bond.mac}`,
        'Give the default NIC its first MAC again, or reinstall.',
        { host: host.name },
      ),
    )
  }
  if (faults.length > 0) throw joinFaults(faults)
  return undefined
}

async function connect(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  if ((await readPower(tools, host)) === 'on')
    await context.note(`${host.name} is on already: its ports are set, it is not power-cycled`)
  await Promise.all([
    leaveNumber(tools, host, lease, context.operation.number),
    // a stop that joins this start must wait until the ports are parked again
    setClear(tools.db, context.input.instanceId, false),
  ])
  await enterTenantVlans(tools, host, context.operation.id, context.input.instanceId, context.input.nics)
  return undefined
}

async function park(tools: Tools, context: Context): Promise<void> {
  const { host, lease } = await holdHost(tools, context)
  await restOrQuarantine(tools, host, lease, context)
  await parkPorts(tools, host, context.operation.id, 'pxe')
}

async function confirm(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  if ((await readPower(tools, host)) === 'on') return undefined
  throw new FerruleError(
    'power-stuck',
    `${host.name} was switched on, but its BMC says off again`,
    'Look at the console of the host: it does not stay on.',
    { host: host.name },
  )
}

async function settle(tools: Tools, context: Context, outcome: Outcome): Promise<void> {
  const { instanceId, hostId, nics } = context.input
  const instance = await instanceById(tools.db, instanceId)
  const { host } = await holdHost(tools, context).catch(() => ({ host: null }))
  const newest = host?.systemId ? await newestEvent(tools, host.systemId).catch(() => 0) : 0
  await tools.db.transaction(async (client) => {
    if (outcome.state === 'succeeded') {
      await setInstanceNics(client, instanceId, nics)
      await setInstanceState(client, instanceId, 'running')
      await setClear(client, instanceId, false)
      await endOperation(client, context.operation.id, 'succeeded', null)
    } else {
      const { code, message, remedy } = outcome.error
      if (instance?.state !== 'destroying')
        await setInstanceState(client, instanceId, 'stopped', { code, message, remedy })
      // refused before any effect, the ports of a stop that kept fixed VLANs still carry them
      await setClear(client, instanceId, (await ledgerOfHost(client, hostId)).length === 0)
      await endOperation(client, context.operation.id, outcome.state, outcome.error)
    }
    await setMaasEventSeen(client, hostId, newest)
    await letGoHold(client, hostId, context.operation.id)
  })
}
