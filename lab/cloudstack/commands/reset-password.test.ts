import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, type CloudRoom, cloudRoom } from '../test-support/room.ts'

let room: CloudRoom
let blue: string
beforeEach(async () => {
  room = await cloudRoom()
  blue = await room.network('blue')
})
afterEach(() => room.stop())

/** A template as the room's own, made for passwords. */
async function passwordTemplate(): Promise<string> {
  const { template } = await room.api('registerTemplate', {
    ...{ name: 'jammy-password', url: 'http://none', format: 'EXTERNAL', hypervisor: 'External' },
    ...{ zoneid: room.ids.zone, extensionid: room.ids.extension, passwordenabled: 'true' },
  })
  return template[0].id
}

async function deploy(networkids: string, params: Record<string, string> = {}): Promise<Answer> {
  const asked = { zoneid: room.ids.zone, serviceofferingid: room.ids.offering, networkids }
  const templateid = await passwordTemplate()
  return (await room.job('deployVirtualMachine', { name: 'web1', ...asked, templateid, ...params }))
    .virtualmachine
}

/** What the router has for this NIC, which stays there. */
const waiting = ({ nic: [first] }: Answer) =>
  room.dhcp.get(Number(first.vlanid))?.answer?.(first.ipaddress, {
    ...{ port: 8080, path: '/', headers: { domu_request: 'send_my_password' } },
  })
const shown = async (id: string) => (await room.api('listVirtualMachines', { id })).virtualmachine[0]
const payloads = async (...actions: string[]) =>
  JSON.stringify(await Promise.all(actions.map((action) => room.payload(action))))

test('the job of a deployment tells the password once; its router has it, and the extension never hears of it', async () => {
  const vm = await deploy(`${blue},${await room.network('green')}`)
  expect(vm.password).toMatch(/^[A-Za-z0-9]{14}$/)
  expect(waiting(vm)).toBe(vm.password)
  // the default network's alone
  expect(waiting({ nic: [vm.nic[1]] })).toBe('saved_password')
  expect(JSON.stringify(await shown(vm.id))).not.toContain(vm.password)
  expect(await payloads('prepare', 'create')).not.toContain(vm.password)
  expect(JSON.stringify(await room.api('listEvents'))).not.toContain(vm.password)
})

test('a reset of a stopped one goes to the router that runs, and the next start tells nothing', async () => {
  const vm = await deploy(blue, { password: 'Chosen-1' })
  expect(vm.password).toBe('Chosen-1')
  await room.job('stopVirtualMachine', { id: vm.id })
  const { password } = (await room.job('resetPasswordForVirtualMachine', { id: vm.id })).virtualmachine
  expect(password).not.toBe('Chosen-1')
  expect(waiting(vm)).toBe(password)
  expect((await room.job('startVirtualMachine', { id: vm.id })).virtualmachine.password).toBeUndefined()
  expect(await payloads('start')).not.toContain(password)
})

test('without a running router it waits in the records, sealed, for the next start, which tells it', async () => {
  const vm = await deploy(blue)
  room.cloudstack.dials.networkGcMs = 0
  await room.job('stopVirtualMachine', { id: vm.id })
  await expect.poll(() => room.routers.networks()).toEqual([])
  const reset = await room.job('resetPasswordForVirtualMachine', { id: vm.id, password: 'Chosen-2' })
  expect(reset.virtualmachine.password).toBe('Chosen-2')
  expect((await shown(vm.id)).details.password).toMatch(/^[A-Za-z0-9+/=]{44}$/)
  const started = (await room.job('startVirtualMachine', { id: vm.id })).virtualmachine
  expect(started.password).toBe('Chosen-2')
  expect(waiting(started)).toBe('Chosen-2')
  expect((await shown(vm.id)).details).not.toHaveProperty('password')
  expect((await room.payload('start'))['cloudstack.vm.details'].details.password).toBeDefined()
  expect(await payloads('start')).not.toContain('Chosen-2')
})

test('refused: of a running one, of a template without, and on a network that serves no metadata', async () => {
  const plain = await room.deploy('plain', blue)
  const reset = (id: string) => room.job('resetPasswordForVirtualMachine', { id })
  await expect(reset(plain.id)).rejects.toThrow(/^431 .*Template is not password enabled/)
  const asked = { zoneid: room.ids.zone, serviceofferingid: room.ids.offering, networkids: blue }
  const withOne = { name: 'x', ...asked, templateid: room.ids.template, password: 'Chosen-3' }
  await expect(room.job('deployVirtualMachine', withOne)).rejects.toThrow(/^431 .*not password enabled/)
  const flat = await deploy(await room.network('flat', { networkofferingid: room.ids.l2, vlan: '900' }))
  await expect(reset(flat.id)).rejects.toThrow(/^431 .*should be stopped to do password reset/)
  await room.job('stopVirtualMachine', { id: flat.id })
  await expect(reset(flat.id)).rejects.toThrow(/^530 Can't find network element for UserData/)
})
