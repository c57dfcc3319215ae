import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PXE_VLAN } from '../../lab/site.ts'
import type { WorldMachine } from '../../lab/world/types.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { Production } from '../support/production.ts'
import { waitUntil } from '../support/wait.ts'
import { buildGo } from './support/go.ts'
import { type Said, walk } from './support/walk.ts'

const HOSTS = ['r2-h1', 'r2-h3']
const PYTHON = process.env.PYTHON ?? 'python3'
const pip = (name: string) => `${name} is missing: install python3 and "python3 -m pip install ${name}"`

/** Clients of CloudStack that we did not write, on the lab's CloudStack, whose extension calls a daemon of ours. The first one furnishes the zone. */
describe('the whole life of a server through CloudStack', () => {
  let folder: string
  let site: Production
  let cloud: { url: string; apiKey: string; secretKey: string }

  beforeAll(async () => {
    folder = testFolder('cloud-clients')
    // slower than elsewhere: other peers run beside it, and a late deadline is no news of a client
    site = await Production.open(folder, { cloudstack: true, timeScale: 100 })
    cloud = site.lab.facts().cloudstack
    await site.applyRacks()
    await site.addHosts(HOSTS)
  })
  afterAll(async () => {
    await site?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const machines = () => HOSTS.map((name) => site.lab.world.machine(name))

  /** The machine whose system has this NIC's address from a virtual router, under the MAC that CloudStack allocated. */
  async function machineWith({ macaddress, ipaddress }: Said): Promise<WorldMachine> {
    const has = (machine: WorldMachine) =>
      machine.interfaces().some(({ mac, lease }) => mac === macaddress && lease?.ip === ipaddress)
    await waitUntil(`a system has ${ipaddress} as ${macaddress}`, () => machines().some(has))
    return machines().find(has) as WorldMachine
  }

  const ports = (machine: WorldMachine) =>
    site.portsOf(machine.name).map(({ untagged, tagged }) => [untagged, ...tagged])
  /** As CloudStack's database has it: not every client tells it. */
  function vlanOf({ macaddress }: Said): number | null {
    const { vms, networks } = site.lab.cloudstack.state
    const nic = vms.flatMap((vm) => vm.nics).find(({ mac }) => mac === macaddress)
    return networks.find(({ id }) => id === nic?.networkId)?.vlan ?? null
  }

  /** Every port of the server carries these NICs' VLANs, the first one untagged, and no other. */
  async function runs(vm: Said): Promise<WorldMachine> {
    expect(vm.state ?? 'running').toMatch(/running/i)
    const [first] = vm.nic
    const machine = await machineWith(first)
    // It has its address before it has booted.
    await waitUntil(`the system of ${machine.name} is up`, () => {
      const running = machine.running()
      return running.kind === 'system' && running.phase === 'up'
    })
    expect(ports(machine)).toEqual(machine.nics.map(() => vm.nic.map(vlanOf)))
    return machine
  }

  function rests(machine: WorldMachine): void {
    expect(machine.power()).toBe('off')
    expect(ports(machine)).toEqual(machine.nics.map(() => [PXE_VLAN]))
  }

  async function isWiped(machine: WorldMachine): Promise<void> {
    // CloudStack is done with it, and the wipe goes on
    await waitUntil(`${machine.name} is wiped`, () => machine.disks.every((disk) => disk.isBlank()))
    await waitUntil(`MAAS has ${machine.name} ready`, () => site.lab.maasStatus(machine)?.status === 'Ready')
    await waitUntil(`${machine.name} is off`, () => machine.power() === 'off')
    rests(machine)
  }

  test('cs, from an empty zone on', async () => {
    let machine = machines()[0] as WorldMachine
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
          machine = await runs(vm)
          expect(vm.nic).toHaveLength(1)
        },
        duplicate: ({ refused }) => expect(refused).toMatchObject({ code: 431 }),
        plugged: ({ refused }) => expect(refused).toMatchObject({ code: 530 }),
        stopped: () => rests(machine),
        async started({ vm }) {
          expect(vm.nic).toHaveLength(2)
          expect(await runs(vm)).toBe(machine)
          // what a tenant does for a network that came later: a VLAN interface with the MAC that CloudStack shows
          const [, second] = vm.nic
          await site.lab.world.addSystemVlan(machine.name, vlanOf(second) ?? 0, second.macaddress)
          await machineWith(second)
        },
        rebooted: async ({ vm }) => void (await runs(vm)),
        asked: ({ result }) => expect(result).toMatchObject({ name: 'why', success: true }),
        async detached({ vm }) {
          expect(vm.nic).toHaveLength(1)
          expect(await runs(vm)).toBe(machine)
        },
        destroyed({ vm }) {
          expect(vm.state).toBe('Destroyed')
          rests(machine)
          expect(machine.disks[0]?.isBlank()).toBe(false)
        },
        recovered: async ({ vm }) => expect(await runs(vm)).toBe(machine),
        async expunged({ left }) {
          expect(left).toEqual({})
          await isWiped(machine)
        },
        events: ({ types }) =>
          expect(types).toEqual(
            expect.arrayContaining(['NETWORK.CREATE', 'NIC.CREATE', 'VM.CREATE', 'VM.DESTROY', 'VM.START']),
          ),
      },
    )
  })

  test('Apache Libcloud', async () => {
    let machine = machines()[0] as WorldMachine
    const { hostname, port, pathname } = new URL(cloud.url)
    const args = [hostname, port, pathname, cloud.apiKey, cloud.secretKey]
    const script = join(import.meta.dirname, 'support/apache-libcloud/life.py')
    await walk([PYTHON, script, ...args], pip('apache-libcloud'), {
      listed: (said) => expect(said).toMatchObject({ zone: 'lab', image: 'jammy', ram: 65_536 }),
      async deployed({ vm }) {
        machine = await runs(vm)
      },
      stopped({ state }) {
        expect(state).toBe('Stopped')
        rests(machine)
      },
      async started({ vm }) {
        expect(vm.nic).toHaveLength(2)
        expect(await runs(vm)).toBe(machine)
      },
      rebooted: async ({ vm }) => expect(await runs(vm)).toBe(machine),
      async expunged({ left }) {
        expect(left).toEqual([])
        await isWiped(machine)
      },
    })
  })

  test("CloudStack's own client for Go", async () => {
    let machine = machines()[0] as WorldMachine
    const program = buildGo(join(import.meta.dirname, 'support/cloudstack-go'), join(folder, 'life'))
    await walk([program, cloud.url, cloud.apiKey, cloud.secretKey], 'the Go program is gone', {
      listed: (said) => expect(said).toMatchObject({ cpus: 16, hypervisor: 'External' }),
      async deployed({ vm }) {
        machine = await runs(vm)
      },
      stopped: () => rests(machine),
      async started({ vm }) {
        expect(vm.nic).toHaveLength(2)
        expect(await runs(vm)).toBe(machine)
      },
      destroyed({ vm }) {
        expect(vm.state).toBe('Destroyed')
        rests(machine)
      },
      async expunged({ left }) {
        expect(left).toBe(0)
        await isWiped(machine)
      },
    })
  })
})
