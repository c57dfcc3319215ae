import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MaasRoom, maasRoom, until } from './test-support/room.ts'

let room: MaasRoom
beforeEach(async () => {
  room = await maasRoom()
})
afterEach(() => room.stop())

/** Creates a machine of rack r1 with power type redfish and these parameters. */
function create(parameters: Record<string, string>, name = 'r1-h2') {
  const { nics } = room.world.machine(name)
  const prefixed = Object.entries(parameters).map(([name, value]) => [`power_parameters_${name}`, value])
  return room.api.post('machines/', null, {
    architecture: 'amd64/generic',
    mac_addresses: nics[0]?.mac ?? '',
    power_type: 'redfish',
    ...Object.fromEntries(prefixed),
  })
}

test('a machine with a Redfish BMC is commissioned by it, whatever form its address has', async () => {
  const { bmc } = room.world.machine('r1-h2')
  const login = { power_user: bmc.username, power_pass: bmc.password }
  const created = await create({ power_address: `https://${bmc.address}:8443`, ...login })
  expect(created.status).toBe(200)
  const { system_id: id } = created.body as { system_id: string }
  const parameters = await room.api.get(`machines/${id}/`, { op: 'power_parameters' })
  expect(parameters.body).toEqual({ power_address: `https://${bmc.address}:8443`, ...login, node_id: '' })
  await until(() => room.maas.region.node(id)?.everCommissioned === true)
  await until(() => room.world.machine('r1-h2').power() === 'off')
  // The BMC of one machine cannot be another's.
  const again = await create({ power_address: `https://${bmc.address}:8443`, ...login }, 'r1-h4')
  expect(again.status).toBe(409)
})

test('address, user and password are all needed', async () => {
  const refused = await create({ power_address: '127.41.1.12' })
  expect(refused).toMatchObject({ status: 400, body: { power_parameters: ['This field is required.'] } })
})

test('what MAAS knows from before the story has the power type that its BMC speaks', () => {
  room.maas.preload('r2-h7', 'Ready')
  room.maas.preload('r2-h5', 'Ready')
  const types = room.maas.region.state.nodes.map(({ hostname, powerType }) => [hostname, powerType])
  expect(types).toEqual([
    ['r2-h7', 'redfish'],
    ['r2-h5', 'ipmi'],
  ])
})
