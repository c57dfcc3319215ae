import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorldMachine } from '../../lab/world/types.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { CloudSite, WAIT } from '../support/cloud-site.ts'

const HOST = 'r2-h1'
/** A deployment, twice a start and a wipe, on a machine that is busy otherwise. */
const PATIENCE = 300_000
/** The quarantine VLAN, in which somebody puts a port by hand. */
const STRAY = 999

type Sides = 'cloudstack' | 'ferrule' | 'switch'

/** CloudStack's records, Ferrule's and what the switches carry: each goes its own way, alone and all at once. */
describe('CloudStack, Ferrule and the switches, side by side', () => {
  let site: CloudSite
  let vm: { id: string; instancename: string; nic: { id: string; macaddress: string }[] }
  let machine: WorldMachine

  beforeAll(async () => {
    // nobody takes over from it: a machine that is busy must not end it
    const looks = { looks: '100s', portsEvery: '100s', lease: '120s' }
    site = await CloudSite.open(testFolder('three-sides'), looks)
    await site.furnish([HOST])
    vm = await site.deploy('web1', await site.network('blue'))
    machine = await site.sight.runs(vm)
  }, PATIENCE)
  afterAll(() => site?.close())

  const instance = () => site.get(`instances/${vm.instancename}`)
  const why = () => site.get(`why/instance/${vm.instancename}`)
  const agree = async () => (await instance()).sides.agree
  const cable = (index: number) => {
    const nic = machine.nics[index]
    if (!nic) throw new Error(`${HOST} has no NIC ${index}`)
    return nic.cable
  }
  const port = (index: number) => `switch ${cable(index).switch} port ${cable(index).port}`
  /** What each of the three says of one thing, and whether they differ. */
  async function said(thing: string) {
    const { rows } = (await instance()).sides
    const row = rows.find((one: { thing: string }) => one.thing.startsWith(thing))
    if (!row)
      throw new Error(`no ${thing} among ${rows.map((one: { thing: string }) => one.thing).join('; ')}`)
    return [...(['cloudstack', 'ferrule', 'switch'] as Sides[]).map((side) => row[side]), row.differs]
  }
  /** At the console of the switch; not saved. */
  function editByHand(index: number, vlan: number): void {
    const { switch: address, port } = cable(index)
    const tor = [...site.lab.switches.values()].find((one) => one.address === address)
    if (!tor) throw new Error(`the lab has no switch ${address}`)
    tor.foreignEdit(port, vlan)
  }

  /** What somebody in the room, and whoever reads our operations, could see that something was done about it. */
  async function done() {
    const [scene] = site.production.scene([HOST])
    const operations = (await site.get('operations?limit=500')).items.length
    const { diary } = site.lab.world
    const switched = diary.filter(({ machine, kind }) => machine === HOST && kind === 'power').length
    // its system may still be settling by itself
    return {
      ...scene,
      sighted: null,
      switched,
      operations,
      erased: machine.disks.every((disk) => disk.isBlank()),
    }
  }
  async function lost() {
    const { state } = site.cloud
    const own = state.vms.find(({ id }) => id === vm.id)
    if (!own) throw new Error('the VM is gone already')
    state.vms = state.vms.filter((one) => one !== own)
    return { comesBack: () => void state.vms.push(own) }
  }
  const heal = async () => site.production.succeeded(await site.production.begin(`hosts/${HOST}/heal`, {}))
  const cli = async () => (await site.controller.cli('instance', 'show', vm.instancename)).out

  test(
    'as it was deployed: all three are told, with when each was seen, and they agree',
    async () => {
      await expect.poll(agree, WAIT).toBe(true)
      const macaddress = vm.nic[0]?.macaddress
      expect(await said('state')).toEqual(['Running', 'running', null, false])
      expect(await said(`NIC ${macaddress}`)).toEqual(['VLAN 300', 'VLAN 300', 'VLAN 300 untagged', false])
      for (const index of [0, 1])
        expect(await said(port(index))).toEqual([
          ...['VLAN 300', 'access untagged 300', 'access untagged 300', false],
        ])
      const { cloudstackSeenAt, rows } = (await instance()).sides
      const seen = [
        cloudstackSeenAt,
        ...rows.slice(1).map((row: { switchSeenAt: string }) => row.switchSeenAt),
      ]
      expect(seen.every((at) => Date.parse(at) > 0)).toBe(true)
      expect(await why()).toMatchObject({
        ...{
          well: true,
          evidence: expect.arrayContaining(['CloudStack, our records and the switches agree']),
        },
      })
      expect(await cli()).toMatch(/^ +CLOUDSTACK +FERRULE +SWITCH +SEEN ON THE SWITCH$/m)
      expect(await cli()).toMatch(/CloudStack, Ferrule and the switches agree\n$/)
      expect(await site.attention()).toEqual([])
    },
    PATIENCE,
  )

  test(
    'somebody edits a port by hand: the switch has it otherwise, and a heal brings it back',
    async () => {
      const before = await done()
      editByHand(0, STRAY)
      await expect
        .poll(() => said(port(0)), WAIT)
        .toEqual([
          'VLAN 300',
          'access untagged 300',
          `access untagged ${STRAY}, saved as access untagged 300`,
          true,
        ])
      expect(await agree()).toBe(false)
      const sides = expect.arrayContaining([
        expect.stringMatching(/^CloudStack: Running, NIC \S+( \(\S+\))? VLAN 300 \(seen .*Z\)$/),
        expect.stringMatching(
          /^Ferrule: running, NIC \S+( \(\S+\))? VLAN 300, ports to be access untagged 300$/,
        ),
        expect.stringMatching(new RegExp(`^${port(0)}: access untagged ${STRAY}.* \\(seen .*Z\\)$`)),
      ])
      expect(await site.attention()).toMatchObject([{ about: 'drift', object: { name: HOST }, sides }])
      expect(await why()).toMatchObject({
        ...{ well: false, evidence: sides, action: expect.stringContaining(`ferrule host heal ${HOST}`) },
        blocks: expect.stringMatching(
          `^${port(0)} is to be access untagged 300, and is access untagged ${STRAY}.*$`,
        ),
      })
      expect((await site.get(`why/host/${HOST}`)).evidence).toEqual(sides)
      expect(await cli()).toMatch(
        new RegExp(`^${port(0)} +VLAN 300 +access untagged 300 +access untagged ${STRAY}.* differs$`, 'm'),
      )
      // it is told, and nothing is done about it: what stands otherwise is what the hand did
      const after = await done()
      expect(after).toEqual({ ...before, ports: after.ports })
      expect(site.vlansOf(HOST)).toEqual([[STRAY], [300]])

      await heal()
      await expect.poll(agree, WAIT).toBe(true)
      expect(await site.attention()).toEqual([])
    },
    PATIENCE,
  )

  test(
    'a NIC is added to the stopped VM: CloudStack has more, and the next start brings it',
    async () => {
      const green = await site.network('green')
      await site.stop(vm)
      await expect.poll(agree, WAIT).toBe(true)
      expect(await said('state')).toEqual(['Stopped', 'stopped', null, false])
      await site.ask('addNicToVirtualMachine', { virtualmachineid: vm.id, networkid: green })
      const mac = site.cloud.state.vms[0]?.nics[1]?.mac
      const before = await done()
      await expect.poll(agree, WAIT).toBe(false)
      expect(await said(`NIC ${mac}`)).toEqual([expect.stringMatching(/VLAN/), 'none', null, true])
      // which is how it is done, so that nobody has to do anything
      expect(await site.attention()).toEqual([])
      expect(await why()).toMatchObject({
        well: true,
        evidence: expect.arrayContaining([expect.stringContaining(`NIC ${mac} none`)]),
      })
      expect(await cli()).toMatch(new RegExp(`^NIC ${mac} .* none .* differs$`, 'm'))
      expect(await done()).toEqual(before)

      const started = await site.start(vm)
      expect(started.nic).toHaveLength(2)
      expect(site.vlansOf(HOST)).toEqual([
        [300, 301],
        [300, 301],
      ])
      await expect.poll(agree, WAIT).toBe(true)
      expect(await said(`NIC ${mac}`)).toEqual(['VLAN 301', 'VLAN 301', 'VLAN 301 tagged', false])
    },
    PATIENCE,
  )

  test(
    'the VM goes from CloudStack without a delete: its server is kept, and told',
    async () => {
      const before = await done()
      const { comesBack } = await lost()
      await expect.poll(async () => (await site.attention()).length, WAIT).toBe(1)
      expect(await said('state')).toEqual(['no VM', 'running', null, true])
      expect(await said(port(1))).toEqual([
        ...['nothing: no VM', 'trunk untagged 300 tagged 301', 'trunk untagged 300 tagged 301', false],
      ])
      expect(await site.attention()).toMatchObject([
        {
          object: { kind: 'instance', name: vm.instancename },
          sides: expect.arrayContaining([expect.stringMatching(/^CloudStack: no VM, NIC \S+ .*none/)]),
        },
      ])
      expect(await why()).toMatchObject({
        ...{ well: false, blocks: expect.stringMatching(/^CloudStack has no VM/) },
        evidence: expect.arrayContaining([expect.stringMatching(/^CloudStack: no VM/)]),
      })
      expect(await done()).toEqual(before)
      comesBack()
      await expect.poll(agree, WAIT).toBe(true)
      expect(await site.attention()).toEqual([])
    },
    PATIENCE,
  )

  test(
    'all at once: each side is told as it is, nothing is destroyed, and step by step they come together',
    async () => {
      const pink = await site.network('pink')
      await site.stop(vm)
      await site.ask('addNicToVirtualMachine', { virtualmachineid: vm.id, networkid: pink })
      const mac = site.cloud.state.vms[0]?.nics[2]?.mac
      await expect.poll(() => said(`NIC ${mac}`), WAIT).toMatchObject({ 1: 'none', 3: true })
      const before = await done()
      const { comesBack } = await lost()
      editByHand(1, STRAY)
      await expect.poll(async () => (await site.attention()).length, WAIT).toBe(2)
      expect(await said('state')).toEqual(['no VM', 'stopped', null, true])
      expect(await said(port(1))).toMatchObject({
        ...{ 0: 'nothing: no VM', 2: expect.stringContaining(`access untagged ${STRAY}`), 3: true },
      })
      expect(await said(port(0))).toEqual([
        'nothing: no VM',
        'access untagged 10',
        'access untagged 10',
        false,
      ])
      const lines = expect.arrayContaining([
        expect.stringMatching(/^CloudStack: no VM, /),
        expect.stringMatching(/^Ferrule: stopped, NIC .* VLAN 300, NIC .* VLAN 301, ports to be access/),
        expect.stringMatching(new RegExp(`^${port(1)}: access untagged ${STRAY}`)),
      ])
      const attention = await site.attention()
      expect(attention.map(({ sides }: { sides: string[] }) => sides)).toEqual([lines, lines])
      expect(await why()).toMatchObject({ well: false, evidence: lines })
      const after = await done()
      expect(after).toEqual({ ...before, ports: after.ports })
      expect(after.erased).toBe(false)

      comesBack()
      await expect.poll(async () => (await site.attention()).length, WAIT).toBe(1)
      await heal()
      await expect.poll(() => said(port(1)), WAIT).toMatchObject({ 2: 'access untagged 10', 3: false })
      // the third NIC is still CloudStack's alone
      await expect.poll(agree, WAIT).toBe(false)
      const started = await site.start(vm)
      expect(started.nic).toHaveLength(3)
      expect(await site.sight.machineWith(started.nic[0])).toBe(machine)
      await expect.poll(agree, WAIT).toBe(true)
      expect(await said(`NIC ${mac}`)).toEqual(['VLAN 302', 'VLAN 302', 'VLAN 302 tagged', false])
      expect(await site.attention()).toEqual([])
      expect(await why()).toMatchObject({ well: true })
    },
    PATIENCE,
  )
})
