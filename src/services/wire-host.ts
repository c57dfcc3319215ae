import type pg from 'pg'
import { FerruleError } from '../domain/errors.ts'
import { insertEvent } from '../store/events.ts'
import { addCable, listCables, listSwitches, rackBody } from '../store/racks.ts'
import type { Caller, Services } from './context.ts'
import { rackBodySchema, refusalOfPort } from './rack-file.ts'

/** Where a NIC of a host is plugged in. */
export interface Wire {
  /** Address of a switch of a rack configuration. */
  switch: string
  port: string
  /** Its place in the rack, in height units from the floor. */
  unit?: number | undefined
  units?: number | undefined
}

/**
 * One cable more in the rack configuration that has the switch, by the rules of a rack file; nothing, where it is there
 * already. It stays when the host is removed again: a cable is of the rack.
 */
export async function wireHost(
  client: pg.PoolClient,
  services: Services,
  caller: Caller,
  mac: string,
  wire: Wire,
): Promise<void> {
  const id = wire.switch.toLowerCase()
  const row = (await listSwitches(client)).find((one) => one.id === id)
  if (!row)
    throw new FerruleError(
      'not-found',
      `no rack configuration has a switch ${wire.switch}`,
      'List them with "ferrule rack list", or apply a rack file that has it.',
      { field: 'port.switch' },
    )
  const body = rackBodySchema.parse(await rackBody(client, row.rack))
  const entry = body.racks.find(({ l2Switch }) => l2Switch.ip.toLowerCase() === id)
  const type = services.switchTypes().find((one) => one.type.toLowerCase() === row.type.toLowerCase())
  if (!entry || !type) throw new Error(`rack configuration ${row.rack} and its switches have come apart`)
  const before = (await listCables(client)).find((one) => one.mac === mac)
  const isSame = ({ switchId, port, member }: NonNullable<typeof before>) =>
    switchId === id && type.canonicalPort(member ?? port) === type.canonicalPort(wire.port)
  if (before && isSame(before)) return
  if (before)
    throw new FerruleError(
      'conflict',
      `${mac} is wired to ${before.switchId} ${before.member ?? before.port} by a rack configuration already`,
      'Leave the switch and the port out, or correct the rack file.',
      { field: 'port' },
    )
  const { unit, units } = wire
  const host = { mac, port: wire.port, ...(unit ? { unit } : {}), ...(units ? { units } : {}) }
  const refusal = refusalOfPort(entry, host, type, services.settings.uplinks[row.address] ?? [])
  if (refusal !== null)
    throw new FerruleError('invalid-input', refusal, 'Name a free port of the switch.', {
      field: 'port.port',
    })
  entry.hosts.push(host)
  await addCable(client, row.rack, body, { mac, switchId: id, port: wire.port, member: null })
  await insertEvent(client, {
    kind: 'rack.applied',
    message: `${caller.name} added a cable to rack configuration ${row.rack}: ${mac} on ${row.address} port ${wire.port}`,
  })
}
