import { afterEach, describe, expect, test } from 'vitest'
import { testLease } from './test-support/lease.ts'
import { asText, type Capture, capture, type Recorded, recordedMaas } from './test-support/recorded-maas.ts'
import type { Maas } from './types.ts'

let recorded: Recorded | undefined

afterEach(async () => {
  await recorded?.stop()
  recorded = undefined
})

const lease = testLease()

/** Asks as `call` does and is answered as MAAS did; the requests must be the same but for `differently`. */
async function replay<T>(
  number: string,
  call: (maas: Maas) => Promise<T>,
  differently: Partial<Capture['request']> = {},
): Promise<T> {
  const { request, response } = capture(number)
  recorded = await recordedMaas([response])
  const result = await call(recorded.maas)
  const wanted = { ...request, ...differently }
  expect(recorded.seen).toHaveLength(1)
  expect(recorded.seen[0]).toMatchObject({ method: wanted.method, path: wanted.path, op: wanted.op })
  expect(recorded.seen[0]?.query).toEqual(asText(wanted.query))
  expect(recorded.seen[0]?.form).toEqual(asText(wanted.form))
  return result
}

describe('reads', () => {
  test('machines by MAC, which are sent in lower case', async () => {
    const [machine] = await replay('08', (maas) => maas.machines({ macs: ['52:54:00:7E:6F:01'] }))
    expect(machine).toMatchObject({ systemId: 'ap4f6s', hostname: 'cap52798', status: 'New' })
  })

  test('a commissioned machine', async () => {
    const machine = await replay('14', (maas) => maas.machine('ap4f6s'))
    expect(machine).toMatchObject({
      status: 'Ready',
      statusMessage: 'Ready',
      powerState: 'on',
      powerType: 'webhook',
      locked: false,
      architecture: 'amd64/generic',
      cpuCount: 8,
      memoryMiB: 65536,
      tags: [],
      annotations: {},
      netboot: true,
      bootInterfaceId: 19,
      disks: [{ id: 7, name: 'sda', serial: '', model: '', size: 480000000000 }],
    })
    expect(machine.interfaces.map(({ name, vlanId, links }) => ({ name, vlanId, links }))).toEqual([
      { name: 'eno1', vlanId: 5003, links: [{ id: 30, mode: 'auto', subnetId: 3 }] },
      { name: 'eno2', vlanId: 5011, links: [{ id: 31, mode: 'link_up', subnetId: null }] },
    ])
  })

  test('a deployed machine', async () => {
    expect(await replay('34', (maas) => maas.machine('ap4f6s'))).toMatchObject({
      status: 'Deployed',
      owner: 'admin',
      osystem: 'ubuntu',
      distroSeries: 'jammy',
    })
  })

  test('interfaces', async () => {
    const found = await replay('15', (maas) => maas.interfaces('ap4f6s'))
    expect(found[0]).toEqual({
      id: 19,
      name: 'eno1',
      type: 'physical',
      mac: '52:54:00:7e:6f:01',
      vlanId: 5003,
      parents: [],
      links: [{ id: 30, mode: 'auto', subnetId: 3 }],
      params: {},
    })
  })

  test('subnets', async () => {
    const found = await replay('18', (maas) => maas.subnets())
    expect(found[0]).toEqual({
      id: 3,
      name: 'pxe',
      cidr: '10.10.0.0/24',
      vlanId: 5003,
      vid: 0,
      fabric: 'fabric-0',
      dhcpOn: true,
    })
  })

  test('images, by the names that deploy takes', async () => {
    const found = await replay('20', (maas) => maas.images())
    expect(found.map(({ name, architecture, kind }) => `${name} ${architecture} ${kind}`)).toEqual([
      'centos/centos8 amd64 synced',
      'ubuntu/jammy amd64 synced',
      'ubuntu/noble amd64 synced',
      'custom/debian12 amd64 uploaded',
    ])
  })

  test('the power state', async () => {
    expect(await replay('36', (maas) => maas.queryPower('ap4f6s'))).toBe('on')
  })

  test('events, the newest first, their times in UTC', async () => {
    const found = await replay('41', (maas) => maas.events('ap4f6s', { limit: 20 }))
    expect(found[0]).toEqual({
      id: 470,
      type: 'Deployed',
      description: '',
      level: 'INFO',
      created: '2026-11-23T16:53:45.000Z',
    })
    expect(found.map((event) => event.id)).toEqual([...found.map((event) => event.id)].sort((a, b) => b - a))
  })

  test('release results: MAAS kept nothing of a wipe that ran alone', async () => {
    const found = await replay('45', (maas) => maas.results('ap4f6s', 'release'))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ id: 33, type: 'Release', status: 'Pending', started: null })
    expect(found[0]?.results).toEqual([
      {
        id: 148,
        name: 'wipe-disks',
        status: 'Pending',
        exitStatus: null,
        started: null,
        ended: null,
        output: '',
      },
    ])
  })

  test('outputs are decoded and times are ISO', async () => {
    const { response } = capture('45')
    const sets = response.body as { type: number; results: Record<string, unknown>[] }[]
    const release = sets.find((set) => set.type === 3)
    Object.assign(release?.results[0] ?? {}, {
      output: Buffer.from('Löschung: 1\n').toString('base64'),
      started: 'Mon, 23 Nov 2026 16:53:29 +0000',
      exit_status: 0,
    })
    recorded = await recordedMaas([{ ...response, body: sets }])
    const [set] = await recorded.maas.results('ap4f6s', 'release')
    expect(set?.results[0]).toMatchObject({
      output: 'Löschung: 1\n',
      started: '2026-11-23T16:53:29.000Z',
      exitStatus: 0,
    })
  })

  test('a global setting', async () => {
    expect(await replay('53', (maas) => maas.getConfig('enable_disk_erasing_on_release'))).toBe(false)
  })
})

describe('writes', () => {
  test('commission leaves the BMC’s users alone', async () => {
    expect(await replay('12', (maas) => maas.commission(lease, 'ap4f6s'))).toMatchObject({
      status: 'Commissioning',
    })
  })

  test('allocate by system id', async () => {
    const machine = await replay('28', (maas) =>
      maas.allocate(lease, { systemId: 'ap4f6s', agentName: 'op-1234', comment: 'op-1234' }),
    )
    expect(machine).toMatchObject({ status: 'Allocated', owner: 'admin' })
  })

  test('deploy with user-data in base64', async () => {
    const userData = '#cloud-config\nhostname: x\n'
    const form = { ...capture('31').request.form, comment: 'op-1234' }
    const machine = await replay(
      '31',
      (maas) => maas.deploy(lease, 'ap4f6s', { distroSeries: 'jammy', userData, comment: 'op-1234' }),
      { form },
    )
    expect(machine.status).toBe('Deploying')
  })

  test('release with a quick erase leaves no choice to MAAS’s defaults', async () => {
    const form = { ...capture('42').request.form, secure_erase: 'false' }
    const machine = await replay(
      '42',
      (maas) => maas.release(lease, 'ap4f6s', { comment: 'op-1235', erase: 'quick' }),
      { form },
    )
    expect(machine.status).toBe('Disk erasing')
  })

  test('release names scripts and their parameters', async () => {
    recorded = await recordedMaas([capture('42').response])
    const parameters = { 'zz-ferrule-verify_serials': 'S1,S2' }
    await recorded.maas.release(lease, 'ap4f6s', {
      comment: 'op-9',
      erase: 'full',
      scripts: ['zz-ferrule-verify', 'other'],
      parameters,
    })
    expect(recorded.seen[0]?.form).toEqual({
      comment: 'op-9',
      erase: 'true',
      secure_erase: 'false',
      quick_erase: 'false',
      scripts: 'zz-ferrule-verify,other',
      ...parameters,
    })
  })

  test('a plain release says nothing about erasing', async () => {
    recorded = await recordedMaas([capture('44').response])
    expect(await recorded.maas.release(lease, 'ap4f6s', { comment: 'op-9' })).toMatchObject({
      status: 'Ready',
      owner: null,
    })
    expect(recorded.seen[0]?.form).toEqual({ comment: 'op-9' })
  })

  test.each([
    [
      { type: 'ipmi' as const, address: '10.0.0.9', username: 'ferrule', password: 'p w&d', kg: 'a1b2' },
      {
        power_type: 'ipmi',
        power_parameters_power_address: '10.0.0.9',
        power_parameters_power_pass: 'p w&d',
        power_parameters_k_g: 'a1b2',
      },
    ],
    [
      { type: 'redfish' as const, address: '10.0.0.9', username: 'ferrule', password: 'p w&d', node: '1' },
      { power_type: 'redfish', power_parameters_power_user: 'ferrule', power_parameters_node_id: '1' },
    ],
    [{ type: 'manual' as const }, { power_type: 'manual' }],
  ])('create never commissions by itself, and says how MAAS reaches the BMC (%j)', async (power, form) => {
    recorded = await recordedMaas([capture('14').response])
    await recorded.maas.createMachine(lease, {
      hostname: 'r1-h3',
      architecture: 'amd64/generic',
      macs: ['52:54:00:AA:00:01', '52:54:00:aa:00:02'],
      power,
    })
    expect(recorded.seen[0]).toMatchObject({ method: 'POST', path: '/MAAS/api/2.0/machines/', op: null })
    expect(recorded.seen[0]?.form).toMatchObject({
      hostname: 'r1-h3',
      mac_addresses: ['52:54:00:aa:00:01', '52:54:00:aa:00:02'],
      ...form,
      commission: 'false',
    })
  })

  test('switches the power, softly or hard', async () => {
    recorded = await recordedMaas([capture('14').response])
    await recorded.maas.powerOn(lease, 'ap4f6s', 'op-9')
    await recorded.maas.powerOff(lease, 'ap4f6s', { mode: 'soft', comment: 'op-9' })
    expect(recorded.seen.map(({ op, form }) => [op, form])).toEqual([
      ['power_on', { comment: 'op-9' }],
      ['power_off', { stop_mode: 'soft', comment: 'op-9' }],
    ])
  })

  test('moves an interface to a VLAN', async () => {
    expect(await replay('22', (maas) => maas.setInterfaceVlan(lease, 'ap4f6s', 20, 5003))).toMatchObject({
      name: 'eno2',
      vlanId: 5003,
    })
  })

  test('creates a bond with an explicit mode', async () => {
    const bond = { name: 'bond0', mac: '06:AA:BB:00:00:01', parents: [19, 20], mode: 'active-backup' }
    const made = await replay('23', (maas) => maas.createBond(lease, 'ap4f6s', bond))
    expect(made).toMatchObject({
      id: 21,
      type: 'bond',
      mac: '06:aa:bb:00:00:01',
      parents: ['eno1', 'eno2'],
      params: { bond_mode: 'active-backup' },
    })
  })

  test('links a subnet with DHCP', async () => {
    const linked = await replay('26', (maas) =>
      maas.linkSubnet(lease, 'ap4f6s', 21, { mode: 'DHCP', subnetId: 3 }),
    )
    expect(linked.links).toEqual([{ id: 33, mode: 'dhcp', subnetId: 3 }])
  })

  test('deletes an interface', async () => {
    await replay('47', (maas) => maas.deleteInterface(lease, 'ap4f6s', 21))
  })
})

describe('tags, scripts and addresses', () => {
  const ok = (body: unknown) => ({ status: 200, headers: { 'Content-Type': 'application/json' }, body })
  const missing = {
    status: 404,
    headers: { 'Content-Type': 'text/plain' },
    body: 'No Tag matches the given query.',
  }

  test('a missing tag is created first', async () => {
    recorded = await recordedMaas([missing, ok({ name: 'ferrule-a' }), ok({ added: 1, removed: 0 })])
    await recorded.maas.addTag(lease, 'ap4f6s', 'ferrule-a')
    expect(recorded.seen.map(({ method, path, op, form }) => ({ method, path, op, form }))).toEqual([
      { method: 'GET', path: '/MAAS/api/2.0/tags/ferrule-a/', op: null, form: {} },
      {
        method: 'POST',
        path: '/MAAS/api/2.0/tags/',
        op: null,
        form: expect.objectContaining({ name: 'ferrule-a' }),
      },
      { method: 'POST', path: '/MAAS/api/2.0/tags/ferrule-a/', op: 'update_nodes', form: { add: 'ap4f6s' } },
    ])
  })

  test('a script is uploaded as a file when MAAS has another text, and left alone when it is the same', async () => {
    const content =
      '#!/bin/sh\n# --- Start MAAS 1.0 script metadata ---\n# name: x\n# --- End MAAS 1.0 script metadata ---\n'
    const stored = { status: 200, headers: { 'Content-Type': 'text/plain' }, body: '#!/bin/sh\nold\n' }
    recorded = await recordedMaas([stored, ok({}), { ...stored, body: content }])
    const script = { name: 'x', type: 'release' as const, content, timeoutSeconds: 60 }
    await recorded.maas.ensureScript(script)
    expect(recorded.seen[1]).toMatchObject({ method: 'PUT', path: '/MAAS/api/2.0/scripts/x' })
    expect(recorded.seen[1]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(recorded.seen[1]?.body).toContain(content)
    // MAAS refuses what the script says of itself and the form says otherwise.
    expect(recorded.seen[1]?.body).not.toContain('name="timeout"')
    await recorded.maas.ensureScript(script)
    expect(recorded.seen).toHaveLength(3)
  })

  test('two uploads at once: the one that comes late finds its text there', async () => {
    const content = '#!/bin/sh\n'
    const exists = {
      status: 400,
      headers: { 'Content-Type': 'application/json' },
      body: { name: ['Script with this Name already exists.'] },
    }
    const stored = { status: 200, headers: { 'Content-Type': 'text/plain' }, body: content }
    const script = { name: 'x', type: 'release' as const, content, timeoutSeconds: 60 }
    recorded = await recordedMaas([missing, exists, stored])
    await recorded.maas.ensureScript(script)
    expect(recorded.seen.map((one) => one.method)).toEqual(['GET', 'POST', 'GET'])
    expect(recorded.seen[1]?.body).toContain('name="timeout"')
    await recorded.stop()
    recorded = await recordedMaas([missing, exists, { ...stored, body: 'other' }])
    await expect(recorded.maas.ensureScript(script)).rejects.toMatchObject({ code: 'maas-refused' })
  })

  test('free addresses are those of the dynamic range that nothing uses', async () => {
    const range = (type: string, start_ip: string, end_ip: string, id = 3) => ({
      type,
      start_ip,
      end_ip,
      subnet: { id },
    })
    const ranges = [
      range('dynamic', '10.10.0.100', '10.10.0.109'),
      range('reserved', '10.10.0.1', '10.10.0.9'),
      range('dynamic', '10.11.0.1', '10.11.0.200', 4),
    ]
    const used = [{ ip: '10.10.0.100' }, { ip: '10.10.0.105' }, { ip: '10.10.0.5' }, { ip: 'fd00::1' }]
    recorded = await recordedMaas([ok(ranges), ok(used)])
    expect(await recorded.maas.dynamicAddressesFree(3)).toBe(8)
    expect(recorded.seen[1]).toMatchObject({ path: '/MAAS/api/2.0/subnets/3/', op: 'ip_addresses' })
  })

  test('no dynamic range: MAAS does not tell', async () => {
    recorded = await recordedMaas([ok([])])
    expect(await recorded.maas.dynamicAddressesFree(3)).toBeNull()
  })
})
