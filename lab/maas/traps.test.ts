import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Machine } from '../world/types.ts'
import { oauth } from './test-support/client.ts'
import { type MaasRoom, maasRoom, status, until } from './test-support/room.ts'

const READY = 4
const DEPLOYED = 6

let room: MaasRoom
beforeEach(async () => {
  room = await maasRoom()
})
afterEach(() => room.stop())

/** A deployed machine in the PXE VLAN: bond with its own MAC, DHCP. */
async function deployed(name: string): Promise<{ id: string; machine: Machine }> {
  const machine = room.world.machine(name)
  const id = room.maas.preload(name, 'Ready')
  await bond(id, '06:aa:bb:00:00:01')
  expect((await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'jammy' })).status).toBe(200)
  await until(() => status(room, id) === DEPLOYED)
  await until(() => {
    const running = machine.running()
    return running.kind === 'system' && running.phase === 'up'
  })
  return { id, machine }
}

async function bond(id: string, mac: string): Promise<void> {
  const node = room.maas.region.node(id)
  const created = await room.api.post(`nodes/${id}/interfaces/`, 'create_bond', {
    name: 'bond0',
    parents: [node?.interfaces[0]?.id ?? 0],
    bond_mode: 'active-backup',
    mac_address: mac,
  })
  const { id: bondId } = created.body as { id: number }
  const linked = await room.api.post(`nodes/${id}/interfaces/${bondId}/`, 'link_subnet', {
    mode: 'dhcp',
    subnet: 3,
  })
  expect(linked.status).toBe(200)
}

function upload(name: string, script: string): Promise<unknown> {
  return room.api.post('scripts/', null, { name, script, type: 'release' })
}

describe('the cached power state', () => {
  test('a release with a stale "off" calls a running machine Ready', async () => {
    const { id, machine } = await deployed('r1-h1')
    machine.powerOff()
    await room.maas.refreshPower()
    machine.powerOn()
    expect((await room.api.post(`machines/${id}/`, 'release')).body).toMatchObject({ status_name: 'Ready' })
    expect(machine.power()).toBe('on')
  })

  test('asked before, it is fresh and the release switches the machine off', async () => {
    const { id, machine } = await deployed('r1-h1')
    machine.powerOff()
    await room.maas.refreshPower()
    machine.powerOn()
    expect((await room.api.get(`machines/${id}/`, { op: 'query_power_state' })).body).toEqual({ state: 'on' })
    await room.api.post(`machines/${id}/`, 'release')
    await until(() => status(room, id) === READY)
    expect(machine.power()).toBe('off')
  })

  test('a BMC that is down: the release is a 500, and the machine is Deployed again', async () => {
    const { id, machine } = await deployed('r1-h1')
    room.deadBmcs.add(machine.bmc.address)
    const answer = await room.api.post(`machines/${id}/`, 'release')
    expect(answer.status).toBe(500)
    expect(status(room, id)).toBe(DEPLOYED)
  })
})

describe('a boot NIC whose MAC MAAS does not have', () => {
  test('Deploying meets the enlistment environment, and fails only by time-out', async () => {
    const machine = room.world.machine('r1-h2')
    const id = room.maas.preload('r1-h2', 'Ready')
    const boot = room.maas.region.node(id)?.interfaces[0]?.id
    await room.api.send('PUT', `nodes/${id}/interfaces/${boot}/`, {}, { mac_address: '06:aa:bb:00:00:09' })
    await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'jammy' })
    await until(() => machine.running().kind === 'ephemeral')
    expect(machine.running()).toEqual({ kind: 'ephemeral', purpose: 'enlist' })
    await until(() => status(room, id) === 11)
    expect(machine.installedFiles()).toBeNull()
  })

  test('Disk erasing hangs for ever; abort leads out of it', async () => {
    const { id, machine } = await deployed('r1-h1')
    const boot = room.maas.region.node(id)?.interfaces[0]?.id
    const put = await room.api.send(
      'PUT',
      `nodes/${id}/interfaces/${boot}/`,
      {},
      { mac_address: '06:aa:bb:00:00:09' },
    )
    expect(put.status).toBe(200)
    await room.api.post(`machines/${id}/`, 'release', { erase: 'true' })
    await until(() => machine.running().kind === 'ephemeral')
    await room.world.clock.sleep(24 * 3_600_000)
    expect(status(room, id)).toBe(14)
    expect(machine.running()).toEqual({ kind: 'ephemeral', purpose: 'enlist' })
    expect(machine.installedFiles()).not.toBeNull()
    expect((await room.api.post(`machines/${id}/`, 'abort')).body).toMatchObject({
      status_name: 'Failed disk erasing',
    })
    expect(machine.power()).toBe('off')
  })
})

describe('an erase that never ran', () => {
  test("with wipe-disks alone the tenant's own boot makes the machine Ready, dirty", async () => {
    const { id, machine } = await deployed('r1-h1')
    await room.api.post(`machines/${id}/`, 'release', { erase: 'true' })
    missPxe(machine)
    await until(() => status(room, id) === READY)
    expect(machine.installedFiles()).not.toBeNull()
    const sets = (await room.api.get(`nodes/${id}/results/`, { type: 'release', include_output: 'true' }))
      .body
    expect(sets).toMatchObject([{ results: [{ name: 'wipe-disks', status_name: 'Pending', output: '' }] }])
  })

  test('with a second script it ends in Releasing failed', async () => {
    const { id, machine } = await deployed('r1-h1')
    await upload('zz-verify', '#!/bin/sh\nexit 0\n')
    await room.api.post(`machines/${id}/`, 'release', { erase: 'true', scripts: 'zz-verify' })
    missPxe(machine)
    await until(() => status(room, id) === 13)
    expect(machine.installedFiles()).not.toBeNull()
  })

  /** PXE finds nobody, while MAAS is reachable again when the disk's system boots. */
  function missPxe(machine: Machine): void {
    if (!('dials' in machine)) throw new Error('a machine of the world has dials')
    Object.assign(machine.dials as object, { pxeIgnored: 1 })
  }
})

describe('release scripts', () => {
  test('both run in order, and MAAS keeps their output', async () => {
    const { id, machine } = await deployed('r1-h1')
    await upload(
      'zz-verify',
      '#!/bin/sh\n# --- Start MAAS 1.0 script metadata ---\n# name: zz-verify\n# script_type: release\n' +
        '# parameters:\n#   serials: {type: string, argument_format: "--serials={input}"}\n' +
        '# --- End MAAS 1.0 script metadata ---\necho "checked $1"\n',
    )
    const released = await room.api.post(`machines/${id}/`, 'release', {
      quick_erase: 'true',
      scripts: 'zz-verify',
      'zz-verify_serials': 'A,B',
    })
    expect(released.body).toMatchObject({ status_name: 'Releasing' })
    await until(() => status(room, id) === READY)
    expect(machine.installedFiles()).toBeNull()
    expect(machine.power()).toBe('off')
    const sets = (await room.api.get(`nodes/${id}/results/`, { type: 'release', include_output: 'true' }))
      .body
    const [set] = sets as { results: { name: string; status_name: string; stdout: string }[] }[]
    expect(set?.results.map(({ name, status_name }) => [name, status_name])).toEqual([
      ['wipe-disks', 'Passed'],
      ['zz-verify', 'Passed'],
    ])
    const texts = set?.results.map(({ stdout }) => Buffer.from(stdout, 'base64').toString())
    expect(texts?.[0]).toContain('sda: successfully quickly wiped.\n')
    expect(texts?.[1]).toBe('checked --serials=A,B\n')
  })

  test('one that fails: Releasing failed, not Ready', async () => {
    const { id } = await deployed('r1-h1')
    await upload('zz-verify', '#!/bin/sh\necho dirty\nexit 3\n')
    await room.api.post(`machines/${id}/`, 'release', { quick_erase: 'true', scripts: 'zz-verify' })
    await until(() => status(room, id) === 13)
    const sets = (await room.api.get(`nodes/${id}/results/`, { type: 'release' })).body
    expect(sets).toMatchObject([{ results: [{ name: 'wipe-disks' }, { name: 'zz-verify', exit_status: 3 }] }])
  })

  test("the administrator's global switch erases though nobody asked, and replaces the request's choice", async () => {
    const { id, machine } = await deployed('r1-h1')
    await room.api.post('maas/', 'set_config', { name: 'enable_disk_erasing_on_release', value: 'true' })
    const answer = await room.api.post(`machines/${id}/`, 'release', { erase: 'true', quick_erase: 'true' })
    expect(answer.body).toMatchObject({ status_name: 'Disk erasing' })
    await until(() => status(room, id) === READY)
    for (const disk of machine.disks) expect(disk.isBlank()).toBe(true)
  })

  test('a quick wipe that fails on every disk is a success to MAAS', async () => {
    const { id, machine } = await deployed('r1-h1')
    room.maas.dials.quickWipeFails.push('r1-h1')
    await room.api.post(`machines/${id}/`, 'release', { quick_erase: 'true' })
    await until(() => status(room, id) === READY)
    expect(machine.installedFiles()).not.toBeNull()
  })
})

describe('refusals', () => {
  test('a known BMC: a conflict that looks as if it would pass', async () => {
    room.maas.preload('r1-h1', 'Ready')
    const { bmc } = room.world.machine('r1-h1')
    const form = {
      hostname: 'other',
      architecture: 'amd64/generic',
      mac_addresses: '52:54:00:aa:bb:cc',
      power_type: 'ipmi',
      power_parameters_power_address: bmc.address,
      power_parameters_power_user: bmc.username,
      power_parameters_power_pass: bmc.password,
      commission: 'false',
    }
    const answer = await room.api.post('machines/', null, form)
    expect([answer.status, answer.contentType, answer.headers.get('retry-after'), answer.text]).toEqual([
      409,
      'text/html; charset=utf-8',
      '5',
      'Conflict error. Try your request again',
    ])
  })

  test('the MAC filter is case-sensitive', async () => {
    const id = room.maas.preload('r1-h1', 'Ready')
    await bond(id, '06:aa:bb:00:00:01')
    expect((await room.api.get('machines/', { mac_address: '06:aa:bb:00:00:01' })).body).toHaveLength(1)
    expect((await room.api.get('machines/', { mac_address: '06:AA:BB:00:00:01' })).body).toEqual([])
  })

  test('of six that allocate one machine at once, one gets it', async () => {
    const id = room.maas.preload('r1-h1', 'Ready')
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => room.api.post('machines/', 'allocate', { system_id: id })),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409, 409, 409])
  })

  test('unknown operation, and a nonce used twice', async () => {
    const answer = await room.api.post('machines/', 'fly')
    expect([answer.status, answer.text]).toEqual([400, 'Unrecognised signature: method=POST op=fly'])
    const authorization = oauth(room.maas.apiKey, 'once')
    const ask = () => fetch(`${room.url}/api/2.0/machines/`, { headers: { authorization } })
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 401])
  })

  test('an image of another architecture is no valid choice', async () => {
    const id = room.maas.preload('r1-h1', 'Ready')
    const answer = await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'ubuntu/focal' })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain("'ubuntu/focal' is not a valid distro_series.")
    expect(status(room, id)).toBe(READY)
  })

  test('annotations are gone after a release; the bond stays', async () => {
    const { id } = await deployed('r1-h1')
    const annotated = await room.api.post(`machines/${id}/`, 'set_workload_annotations', { op_number: '7' })
    expect(annotated.body).toMatchObject({ workload_annotations: { op_number: '7' } })
    await room.api.post(`machines/${id}/`, 'release')
    await until(() => status(room, id) === READY)
    const after = (await room.api.get(`machines/${id}/`)).body as { interface_set: { name: string }[] }
    expect(after).toMatchObject({ workload_annotations: {}, owner: null })
    expect(after.interface_set.map((iface) => iface.name)).toContain('bond0')
  })
})

describe('outside of the API', () => {
  test('a Ready machine that somebody switches on gets an environment that switches it off', async () => {
    const machine = room.world.machine('r1-h2')
    room.maas.preload('r1-h2', 'Ready')
    machine.powerOn()
    await until(() => machine.power() === 'off')
  })

  test('state survives a restart', async () => {
    const id = room.maas.preload('r1-h1', 'Ready')
    await bond(id, '06:aa:bb:00:00:01')
    const before = (await room.api.get(`machines/${id}/`)).body
    const stored: unknown = JSON.parse(JSON.stringify(room.maas.snapshot()))
    await room.api.send('DELETE', `machines/${id}/`)
    expect((await room.api.get(`machines/${id}/`)).status).toBe(404)
    room.maas.restore(stored)
    expect((await room.api.get(`machines/${id}/`)).body).toEqual(before)
  })
})
