import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MaasRoom, maasRoom, status, until } from './test-support/room.ts'

let room: MaasRoom
beforeEach(async () => {
  room = await maasRoom()
})
afterEach(() => room.stop())

/** A Ready one-NIC machine with a DHCP link. */
async function ready(): Promise<string> {
  const id = room.maas.preload('r1-h2', 'Ready')
  const nic = room.maas.region.node(id)?.interfaces[0]
  await room.api.post(`nodes/${id}/interfaces/${nic?.id}/`, 'unlink_subnet', { id: nic?.links[0]?.id ?? 0 })
  await room.api.post(`nodes/${id}/interfaces/${nic?.id}/`, 'link_subnet', { mode: 'dhcp', subnet: 3 })
  return id
}

describe('the life of a machine', () => {
  test('deployFails: Failed deployment with the reason; a release leads out of it', async () => {
    const id = await ready()
    room.maas.dials.deployFails.push('r1-h2')
    await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'noble' })
    await until(() => status(room, id) === 11)
    expect((await room.api.get(`machines/${id}/`)).body).toMatchObject({
      status_name: 'Failed deployment',
      error_description: expect.stringContaining('Installation failed'),
    })
    expect((await room.api.post(`machines/${id}/`, 'release')).status).toBe(200)
    await until(() => status(room, id) === 4)
  })

  test('deployHangs: Deploying until twice node_timeout has passed', async () => {
    const id = await ready()
    room.maas.dials.deployHangs.push('*')
    const began = room.world.clock.now()
    await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'noble' })
    await until(() => status(room, id) === 11)
    expect(room.world.clock.now() - began).toBe(60 * 60_000)
  })

  test('a deploy can be aborted: back to Allocated, off', async () => {
    const id = await ready()
    room.maas.dials.deployHangs.push('*')
    await room.api.post('machines/', 'allocate', { system_id: id })
    // The clock without waiting stands still as long as it is held.
    const hold = holdClock()
    await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'noble' })
    const busy = await room.api.post(`machines/${id}/`, 'abort')
    expect([busy.status, busy.text]).toEqual([
      503,
      "Unable to change power state to 'off' for node r1-h2: another action is already in progress for that node.",
    ])
    hold.end()
    await until(() => !room.maas.region.powerBusy.has(id))
    const second = holdClock()
    const aborted = await room.api.post(`machines/${id}/`, 'abort')
    second.end()
    expect(aborted.body).toMatchObject({ status_name: 'Allocated', osystem: '', owner: 'admin' })
    expect(room.world.machine('r1-h2').power()).toBe('off')
  })

  test('commissioningFails: Failed commissioning, and it may be commissioned again', async () => {
    const id = room.maas.preload('r1-h1', 'New')
    room.maas.dials.commissioningFails.push('r1-h1')
    await room.api.post(`machines/${id}/`, 'commission', { skip_bmc_config: 1 })
    await until(() => status(room, id) === 2)
    room.maas.dials.commissioningFails.length = 0
    await until(() => !room.maas.region.powerBusy.has(id))
    expect((await room.api.post(`machines/${id}/`, 'commission')).status).toBe(200)
    await until(() => status(room, id) === 4)
  })

  test('commissioning sees LLDP neighbours only on NICs with link', async () => {
    const id = room.maas.preload('r1-h1', 'New')
    room.world.setLink('r1-h1', 'eno2', false)
    await room.api.post(`machines/${id}/`, 'commission', { skip_bmc_config: 1 })
    await until(() => status(room, id) === 4)
    const reply = await room.api.get(`nodes/${id}/results/`, {
      type: 'commissioning',
      include_output: 'true',
    })
    const [set] = reply.body as { results: { name: string; output: string }[] }[]
    const lldp = set?.results.find((result) => result.name === 'maas-capture-lldpd')
    const xml = Buffer.from(lldp?.output ?? '', 'base64').toString()
    expect(xml).toContain('<interface label="Interface" name="eno1"')
    expect(xml).toContain('TenGigabitEthernet 1/1</id>')
    expect(xml).not.toContain('eno2')
  })
})

describe('the API itself', () => {
  test('keyRejected, imageMissing, unavailable, reset', async () => {
    const { dials } = room.maas
    dials.keyRejected = true
    expect((await room.api.get('machines/')).text).toBe('Authorization Error: Invalid API key.')
    dials.keyRejected = false

    const id = await ready()
    dials.imageMissing.push('ubuntu/jammy')
    expect((await room.api.get('boot-resources/', { type: 'all' })).text).not.toContain(
      '"name":"ubuntu/jammy"',
    )
    expect((await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'jammy' })).status).toBe(400)

    dials.down = 'unavailable'
    expect((await room.api.get('machines/')).status).toBe(503)
    dials.down = 'reset'
    await expect(room.api.get('machines/')).rejects.toThrow('fetch failed')
    dials.down = 'no'
    expect((await room.api.get('version/')).body).toMatchObject({ version: '3.7.3' })
  })

  test('a BMC that does not answer is a 504 to whoever asks for its power', async () => {
    const id = await ready()
    room.deadBmcs.add(room.world.machine('r1-h2').bmc.address)
    expect((await room.api.get(`machines/${id}/`, { op: 'query_power_state' })).status).toBe(504)
    expect((await room.api.get(`machines/${id}/`)).body).toMatchObject({ power_state: 'error' })
  })
})

describe('scripts', () => {
  test('uploaded, replaced, refused, deleted', async () => {
    const { api } = room
    const script = '#!/bin/sh\nexit 0\n'
    const created = await api.post('scripts/', null, { name: 'mine', script, type: 'testing', timeout: '90' })
    expect(created.body).toMatchObject({ name: 'mine', type_name: 'Testing script', timeout: '0:01:30' })
    const twice = await api.post('scripts/', null, { name: 'mine', script })
    expect([twice.status, twice.body]).toEqual([400, { name: ['Script with this Name already exists.'] }])
    await api.send('PUT', 'scripts/mine', {}, { script: '#!/bin/sh\nexit 1\n' })
    expect((await api.get('scripts/mine', { op: 'download' })).text).toBe('#!/bin/sh\nexit 1\n')

    const id = await ready()
    await api.post(`machines/${id}/`, 'test', { testing_scripts: 'mine' })
    await until(() => status(room, id) === 22)
    expect((await api.get(`nodes/${id}/results/`, { type: 'testing' })).body).toMatchObject([
      { results: [{ name: 'mine', status_name: 'Failed', exit_status: 1 }] },
    ])
    expect((await api.send('DELETE', 'scripts/mine')).status).toBe(204)
    expect((await api.get('scripts/mine')).status).toBe(404)
    expect((await api.send('DELETE', 'scripts/wipe-disks')).status).toBe(400)
  })
})

/** Stops a clock without waiting from jumping, as long as real work would. */
function holdClock(): { end: () => void } {
  let end = (): void => undefined
  const work = new Promise<void>((resolve) => {
    end = resolve
  })
  void room.maas.region.hold(work)
  return { end: () => end() }
}
