import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClock } from '../world/clock.ts'
import type { DhcpServer } from '../world/types.ts'
import { createCloudstack } from './cloudstack.ts'
import { VirtualRouters } from './routers.ts'
import { cloudRoom, signed } from './test-support/room.ts'

test('a lab that begins again has the same CloudStack: ids, keys, VMs, networks; and gives no id twice', async () => {
  const room = await cloudRoom()
  const vm = await room.deploy('web1', await room.network('blue'))
  // as the state file holds it
  const saved: unknown = JSON.parse(JSON.stringify(room.cloudstack.snapshot()))
  const { keys, state } = room.cloudstack
  const before = structuredClone(state)
  await room.stop()

  const folder = await mkdtemp(join(tmpdir(), 'lab-cloud-again-'))
  const path = join(folder, 'metal.sh')
  await writeFile(path, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  const clock = createClock({ scale: 1000 })
  const again = createCloudstack({
    plan: { site: 1, seed: 1, cloudstack: { address: '127.0.0.1', port: 0 } },
    world: { clock },
    routers: new VirtualRouters(new Map<number, DhcpServer>(), () => clock.now()),
    options: { extension: { path } },
    dataDir: undefined,
    saved,
  })
  again.dials.pingMs = 0
  await again.open()
  try {
    expect([again.keys, again.state.vms, again.state.networks]).toEqual([keys, before.vms, before.networks])
    expect(again.state.vms[0]).toMatchObject({ id: vm.id, state: 'Running' })
    const known = JSON.stringify(saved)
    const params = { name: 'green', zoneid: again.state.zone.id, networkofferingid: room.ids.isolated }
    const all = { ...params, command: 'createNetwork', response: 'json', apiKey: keys.apiKey }
    expect((await fetch(`${again.url}?${signed(all, keys.secretKey)}`)).status).toBe(200)
    const green = again.state.networks.find(({ name }) => name === 'green')
    expect(green?.number).toBe((before.networks[0]?.number ?? 0) + 1)
    expect(known).not.toContain(green?.id ?? 'none')
  } finally {
    await again.stop()
    await rm(folder, { recursive: true })
  }
})
