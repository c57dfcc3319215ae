import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CloudRoom, cloudRoom } from './test-support/room.ts'

let room: CloudRoom
beforeEach(async () => {
  room = await cloudRoom()
})
afterEach(() => room.stop())

const waits = { timeout: 5_000, interval: 10 }
const stateOf = async (id: string) =>
  (await room.api('listVirtualMachines', { id })).virtualmachine?.[0]?.state ?? 'gone'

describe('the API', () => {
  test('lists have pages, a count, and nothing when they are empty', async () => {
    expect(await room.api('listNetworks')).toEqual({})
    for (const name of ['a', 'b', 'c']) await room.network(name)
    const page = await room.api('listNetworks', { page: '2', pagesize: '2' })
    expect([page.count, page.network.map(({ name }: { name: string }) => name)]).toEqual([3, ['c']])
  })

  test('an id that nothing ever had is refused, and what is gone is not listed', async () => {
    const never = { id: '00000000-0000-4000-8000-000000000000' }
    const refused = (command: string, params: Record<string, string>) =>
      expect(room.api(command, params)).rejects.toThrow(
        new RegExp(`^431 Unable to execute API command ${command.toLowerCase()} .*entity does not exist`),
      )
    for (const command of ['listVirtualMachines', 'listNetworks', 'listServiceOfferings', 'listZones'])
      await refused(command, never)
    await refused('listVirtualMachines', { ids: `${room.ids.zone},${never.id}` })
    await refused('listNetworks', { zoneid: never.id })
    const id = await room.network('blue')
    await room.job('deleteNetwork', { id })
    expect(await room.api('listNetworks', { id })).toEqual({})
  })

  test("errors have CloudStack's codes", async () => {
    await expect(room.api('createNetwork')).rejects.toThrow(/^431 .*missing parameter name/)
    await expect(room.api('startVirtualMachine', { id: 'nobody' })).rejects.toThrow(/^431 .*does not exist/)
    await expect(room.api('flyToTheMoon')).rejects.toThrow(/^432 /)
    const unsigned = await fetch(`${room.cloudstack.url}?command=listZones&response=json`)
    expect([unsigned.status, await unsigned.json()]).toEqual([
      401,
      { listzonesresponse: expect.objectContaining({ errorcode: 401 }) },
    ])
  })
})

describe('the orchestrator', () => {
  test('a first start prepares and creates, later ones start; expunge stops and deletes', async () => {
    await room.when('prepare', `echo '{"details":{"External:token":"t1"}}'`)
    const vm = await room.deploy('web1', await room.network('blue'))
    expect(vm).toMatchObject({ state: 'Running', details: { 'External:token': 't1' } })
    expect(await room.calls()).toEqual(['prepare 1800', 'create 1800'])
    expect((await room.payload('create')).externaldetails.virtualmachine).toMatchObject({
      image: 'ubuntu/jammy',
      token: 't1',
      'cloudstack.vlan': '300',
    })
    expect(room.dhcp.get(300)?.offer(vm.nic[0].macaddress)).toEqual({ ip: vm.nic[0].ipaddress })
    await room.job('stopVirtualMachine', { id: vm.id })
    await room.job('startVirtualMachine', { id: vm.id })
    await room.job('rebootVirtualMachine', { id: vm.id })
    expect(await room.calls()).toEqual(['stop 1800', 'start 1800', 'reboot 1800'])
    await room.job('destroyVirtualMachine', { id: vm.id })
    expect([await room.calls(), await stateOf(vm.id)]).toEqual([['stop 1800'], 'Destroyed'])
    await room.job('expungeVirtualMachine', { id: vm.id })
    expect([await room.calls(), await stateOf(vm.id)]).toEqual([['stop 1800', 'delete 1800'], 'gone'])
    expect(room.dhcp.get(300)?.offer(vm.nic[0].macaddress) ?? null).toBeNull()
  })

  test('a failing create is tried eleven times, each followed by a stop; such a VM gets no delete', async () => {
    await room.when('create', 'echo no room >&2; exit 3')
    const network = await room.network('blue')
    await expect(room.deploy('web1', network)).rejects.toThrow(/^533 .*Exit code: 3, Output: no room/)
    const tries = Array.from({ length: 11 }, () => ['create 1800', 'stop 1800']).flat()
    expect(await room.calls()).toEqual(['prepare 1800', ...tries])
    const [vm] = (await room.api('listVirtualMachines')).virtualmachine
    expect(vm.state).toBe('Error')
    await room.job('destroyVirtualMachine', { id: vm.id, expunge: 'true' })
    expect([await room.calls(), await stateOf(vm.id)]).toEqual([[], 'gone'])
  })

  test('noise in the answer to prepare loses it: stop, and create without it', async () => {
    await room.when('prepare', `echo noise >&2; echo '{"details":{"External:token":"t1"}}'`)
    const vm = await room.deploy('web1', await room.network('blue'))
    expect(await room.calls()).toEqual(['prepare 1800', 'stop 1800', 'create 1800'])
    expect([vm.state, vm.details['External:token']]).toEqual(['Running', undefined])
  })

  test('a failing stop leaves the VM running, unless it is forced; a failing delete can be repeated', async () => {
    const { id } = await room.deploy('web1', await room.network('blue'))
    await room.when('stop', 'exit 1')
    await expect(room.job('stopVirtualMachine', { id })).rejects.toThrow(/^530 Unable to stop/)
    expect(await stateOf(id)).toBe('Running')
    await room.job('stopVirtualMachine', { id, forced: 'true' })
    await room.when('delete', 'exit 1')
    await expect(room.job('destroyVirtualMachine', { id, expunge: 'true' })).rejects.toThrow(
      /Failed to expunge/,
    )
    expect(await stateOf(id)).toBe('Expunging')
    await room.when('delete', 'exit 0')
    await room.job('expungeVirtualMachine', { id })
    expect(await stateOf(id)).toBe('gone')
  })

  test('a call that takes too long, or says more than a pipe holds, is killed at the end of its time', async () => {
    const { id } = await room.deploy('web1', await room.network('blue'))
    room.cloudstack.dials.waitS = 0.3
    for (const script of ['exec sleep 30', 'head -c 70000 /dev/zero']) {
      await room.when('reboot', script)
      await expect(room.job('rebootVirtualMachine', { id })).rejects.toThrow(/Timeout/)
    }
  })

  test('a NIC is added to a stopped VM; of a running one the extension is asked under a Java name', async () => {
    const { id } = await room.deploy('web1', await room.network('blue'))
    const params = { virtualmachineid: id, networkid: await room.network('green') }
    await room.when('com.cloud.agent.api.PlugNicCommand', 'exit 1')
    await room.calls()
    await expect(room.job('addNicToVirtualMachine', params)).rejects.toThrow(/^530 /)
    expect(await room.calls()).toEqual(['com.cloud.agent.api.PlugNicCommand 5'])
    await room.job('stopVirtualMachine', { id })
    await room.job('addNicToVirtualMachine', params)
    await room.job('startVirtualMachine', { id })
    const { nics } = (await room.payload('start'))['cloudstack.vm.details']
    expect(nics.map((nic: { broadcastUri: string }) => nic.broadcastUri)).toEqual([
      'vlan://300',
      'vlan://301',
    ])
  })

  test("a stopped VM's network gives its VLAN away after a while, and the next start takes another", async () => {
    const blue = await room.deploy('web1', await room.network('blue'))
    await room.job('stopVirtualMachine', { id: blue.id })
    await expect.poll(() => room.dhcp.has(300), waits).toBe(false)
    const green = await room.deploy('web2', await room.network('green'))
    expect(green.nic[0].broadcasturi).toBe('vlan://300')
    const again = (await room.job('startVirtualMachine', { id: blue.id })).virtualmachine
    expect(again.nic[0]).toMatchObject({ broadcasturi: 'vlan://301', macaddress: blue.nic[0].macaddress })
  })

  test('ping rounds: off stops a running VM, on runs a stopped one, a failure changes nothing', async () => {
    const { id } = await room.deploy('web1', await room.network('blue'))
    await room.when('status', 'exit 1')
    room.cloudstack.dials.pingMs = 10
    await expect.poll(async () => (await room.calls()).includes('status 1800'), waits).toBe(true)
    expect(await stateOf(id)).toBe('Running')
    await room.when('status', `echo '{"status":"success","power_state":"PowerOff"}'`)
    await expect.poll(() => stateOf(id), waits).toBe('Stopped')
    expect(await room.calls()).toContain('stop 1800')
    await room.when('status', 'echo poweron')
    await expect.poll(() => stateOf(id), waits).toBe('Running')
  })

  test('a server that is killed forgets its jobs and not its VMs; the extension goes on', async () => {
    const { id } = await room.deploy('web1', await room.network('blue'))
    await room.when('stop', 'sleep 0.3; touch finished')
    const { jobid } = await room.api('stopVirtualMachine', { id })
    await expect.poll(() => room.calls(), waits).toContain('stop 1800')
    await room.cloudstack.restart()
    await expect(room.ended(jobid)).rejects.toThrow(/^530 job cancelled/)
    expect(await stateOf(id)).toBe('Stopping')
    await room.when('status', 'if [ -f finished ]; then echo poweroff; else exit 1; fi')
    room.cloudstack.dials.pingMs = 10
    await expect.poll(() => stateOf(id), waits).toBe('Stopped')
  })

  test('custom actions hand on what they declare, and tell what the extension wants to be shown', async () => {
    const { id } = await room.deploy('web1', await room.network('blue'))
    const { extensioncustomaction: action } = await room.api('addCustomAction', {
      extensionid: room.ids.extension,
      name: 'Flash BMC',
      enabled: 'true',
      'parameters[0].name': 'count',
      'parameters[0].type': 'NUMBER',
    })
    await room.when('Flash BMC', `echo '{"status":"success","message":"done","printmessage":"true"}'`)
    const { customactionresult } = await room.job('runCustomAction', {
      customactionid: action.id,
      resourceid: id,
      'parameters[0].count': '3',
      'parameters[0].other': 'x',
    })
    expect(customactionresult).toMatchObject({ success: true, result: { details: 'done' } })
    expect(await room.payload('Flash BMC')).toMatchObject({ action: 'Flash BMC', parameters: { count: 3 } })
  })

  test('webhooks are signed, and tried three times when the answer is not 200', async () => {
    const heard: { signature: unknown; body: string }[] = []
    const listener = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      heard.push({ signature: request.headers['x-cs-signature'], body })
      response.writeHead(heard.length < 3 ? 202 : 200).end()
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const address = listener.address()
    const payloadurl = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
    await room.api('createWebhook', { name: 'h', payloadurl, secretkey: 'key' })
    await room.network('blue')
    await expect.poll(() => heard.length, waits).toBe(3)
    const [first] = heard
    expect(first?.signature).toBe(
      createHmac('sha256', 'key')
        .update(first?.body ?? '')
        .digest('base64'),
    )
    expect(JSON.parse(first?.body ?? '')).toMatchObject({ event: 'NETWORK.CREATE', status: 'Completed' })
    await new Promise((resolve) => listener.close(resolve))
  })
})
