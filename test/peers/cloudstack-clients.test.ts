import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { Production } from '../support/production.ts'
import { ServerSight } from '../support/server-sight.ts'
import { buildGo } from './support/go.ts'
import { walk } from './support/walk.ts'

const HOSTS = ['r2-h1', 'r2-h3']
const PYTHON = process.env.PYTHON ?? 'python3'
const pip = (name: string) => `${name} is missing: install python3 and "python3 -m pip install ${name}"`

/** Clients of CloudStack that we did not write, on the lab's CloudStack, whose extension calls a daemon of ours. The first one furnishes the zone. */
describe('the whole life of a server through CloudStack', () => {
  let folder: string
  let site: Production
  let sight: ServerSight
  let cloud: { url: string; apiKey: string; secretKey: string }

  beforeAll(async () => {
    folder = testFolder('cloud-clients')
    // slower than elsewhere: other peers run beside it, and a late deadline is no news of a client
    site = await Production.open(folder, { cloudstack: true, timeScale: 100 })
    sight = new ServerSight(site, HOSTS)
    cloud = site.lab.facts().cloudstack
    await site.applyRacks()
    await site.addHosts(HOSTS)
  })
  afterAll(async () => {
    await site?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('cs, from an empty zone on', async () => {
    let machine = site.lab.world.machine('r2-h1')
    const { url, apiKey, secretKey } = cloud
    await walk(
      [PYTHON, join(import.meta.dirname, 'support/cs/life.py'), url, apiKey, secretKey, 'get'],
      pip('cs'),
      {
        apis({ names, stranger }) {
          expect(names).toEqual(
            expect.arrayContaining(['deployVirtualMachine', 'addBaremetalRct', 'listWebhooks']),
          )
          expect(stranger).toEqual({ code: 401, text: expect.stringContaining('request signature') })
        },
        furnished({ ready, missing }) {
          expect(ready).toBe(true)
          expect(missing).toEqual({ code: 431, text: expect.stringContaining('missing parameter zoneid') })
        },
        networks: ({ vlans }) => expect(vlans).toEqual([null, null]),
        async deployed({ vm }) {
          machine = await sight.runs(vm)
          expect(vm.nic).toHaveLength(1)
        },
        duplicate: ({ refused }) => expect(refused).toMatchObject({ code: 431 }),
        plugged: ({ refused }) => expect(refused).toMatchObject({ code: 530 }),
        stopped: () => sight.rests(machine),
        async started({ vm }) {
          expect(vm.nic).toHaveLength(2)
          expect(await sight.runs(vm)).toBe(machine)
          // what a tenant does for a network that came later: a VLAN interface with the MAC that CloudStack shows
          const [, second] = vm.nic
          await site.lab.world.addSystemVlan(machine.name, sight.vlanOf(second) ?? 0, second.macaddress)
          await sight.machineWith(second)
        },
        rebooted: async ({ vm }) => void (await sight.runs(vm)),
        asked: ({ result }) => expect(result).toMatchObject({ name: 'why', success: true }),
        async detached({ vm }) {
          expect(vm.nic).toHaveLength(1)
          expect(await sight.runs(vm)).toBe(machine)
        },
        destroyed({ vm }) {
          expect(vm.state).toBe('Destroyed')
          sight.rests(machine)
          expect(machine.disks[0]?.isBlank()).toBe(false)
        },
        recovered: async ({ vm }) => expect(await sight.runs(vm)).toBe(machine),
        async expunged({ left }) {
          expect(left).toEqual({})
          await sight.isWiped(machine)
        },
        events: ({ types }) =>
          expect(types).toEqual(
            expect.arrayContaining(['NETWORK.CREATE', 'NIC.CREATE', 'VM.CREATE', 'VM.DESTROY', 'VM.START']),
          ),
      },
    )
  })

  test('Apache Libcloud', async () => {
    let machine = site.lab.world.machine('r2-h1')
    const { hostname, port, pathname } = new URL(cloud.url)
    const args = [hostname, port, pathname, cloud.apiKey, cloud.secretKey]
    const script = join(import.meta.dirname, 'support/apache-libcloud/life.py')
    await walk([PYTHON, script, ...args], pip('apache-libcloud'), {
      listed: (said) => expect(said).toMatchObject({ zone: 'lab', image: 'jammy', ram: 65_536 }),
      async deployed({ vm }) {
        machine = await sight.runs(vm)
      },
      stopped({ state }) {
        expect(state).toBe('Stopped')
        sight.rests(machine)
      },
      async started({ vm }) {
        expect(vm.nic).toHaveLength(2)
        expect(await sight.runs(vm)).toBe(machine)
      },
      rebooted: async ({ vm }) => expect(await sight.runs(vm)).toBe(machine),
      async expunged({ left }) {
        expect(left).toEqual([])
        await sight.isWiped(machine)
      },
    })
  })

  test("CloudStack's own client for Go, in the tiers of a VPC", async () => {
    let machine = site.lab.world.machine('r2-h1')
    const program = buildGo(join(import.meta.dirname, 'support/cloudstack-go'), join(folder, 'life'))
    await walk([program, cloud.url, cloud.apiKey, cloud.secretKey], 'the Go program is gone', {
      listed: (said) => expect(said).toMatchObject({ cpus: 16, hypervisor: 'External' }),
      vpc({ state, cidrs }) {
        expect(state).toBe('Enabled')
        expect(cidrs.toSorted()).toEqual(['10.0.1.0/24', '10.0.2.0/24'])
      },
      async deployed({ vm }) {
        machine = await sight.runs(vm)
      },
      stopped: () => sight.rests(machine),
      async started({ vm }) {
        expect(vm.nic).toHaveLength(2)
        expect(await sight.runs(vm)).toBe(machine)
      },
      destroyed({ vm }) {
        expect(vm.state).toBe('Destroyed')
        sight.rests(machine)
      },
      tiers: ({ refused }) => expect(refused).toContain("Can't delete VPC shop as its used by 2 networks"),
      async expunged({ left }) {
        expect(left).toBe(0)
        expect(site.lab.cloudstack.state.vpcs).toEqual([])
        await sight.isWiped(machine)
      },
    })
  })
})
