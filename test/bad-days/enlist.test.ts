import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import { dirtyKeys } from '../../src/domain/host.ts'
import { addHost, eraseHost, findHost, hostView, hostViews, removeHost } from '../../src/services/hosts.ts'
import type { OperationView } from '../../src/services/operations.ts'
import { applyRack } from '../../src/services/racks.ts'
import { why } from '../../src/services/why.ts'
import { markDirty } from '../../src/store/holds.ts'
import {
  allQuiet,
  deployPastUs,
  expectOneError,
  expectResting,
  portsOf,
  tryDeploy,
} from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** Rack r1 is unknown to the lab's MAAS, r2 stands there Ready: both ways of adding a host, on bad days. */
describe('adding a host on a bad day', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ timeScale: 1000 })
    await furnish(rig)
  })
  afterAll(() => rig?.stop())
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
    await allQuiet(rig)
  })
  const dial = (target: string, dials: Record<string, unknown>) => rig.lab.faults.get(target)?.set(dials)
  const inMaas = (name: string) => rig.lab.maasStatus(rig.lab.world.machine(name))
  const tagsOf = async (name: string) =>
    (await rig.core.services.tools.maas.machine(inMaas(name)?.systemId ?? '')).tags
  const names = async () => (await hostViews(rig.core.services)).map((host) => host.name)

  /** A failed enlistment leaves no record, so that the same call can be made again. */
  async function refused(
    name: string,
    cause: () => Promise<unknown> | undefined,
    code: string,
    message: RegExp,
  ): Promise<OperationView> {
    await cause()
    const operation = await rig.enlist(name, { clean: true })
    expectOneError(operation, code, message)
    expect(await names()).not.toContain(name)
    const said = await why(rig.core.services, 'operation', String(operation.number))
    expect(said).toMatchObject({ well: false, nextRetry: null })
    expect(said.blocks).toMatch(message)
    for (const target of rig.lab.faults.values()) await target.reset()
    return operation
  }

  test('a wrong BMC password leaves nothing in MAAS; once corrected the same call works', async () => {
    await refused('r1-h2', () => dial('bmc/r1-h2', { rejectPassword: true }), 'bmc-auth', /password/i)
    expect(inMaas('r1-h2')).toBeNull()
  })

  test('MAAS does not take the key', () =>
    refused('r1-h2', () => dial('maas', { keyRejected: true }), 'maas-auth', /key/i))

  test('MAAS is down', () =>
    refused('r1-h2', () => dial('maas', { down: 'reset' }), 'maas-unreachable', /MAAS/))

  test('the switch is unreachable: named by its address, our mark in MAAS gone again', async () => {
    await refused(
      'r1-h2',
      () => dial('switch/r1-tor1', { down: true }),
      'switch-unreachable',
      /127\.\d+\.20\.1/,
    )
    expect(await tagsOf('r1-h2')).not.toContain('ferrule-rig')
  })

  test('MAAS never sees the machine boot: commissioning ends, and the same call works afterwards', async () => {
    await refused(
      'r1-h2',
      () => dial('machine/r1-h2', { pxeIgnored: 1000 }),
      'maas-state',
      /commissioning of r1-h2 ended as Failed commissioning/,
    )
    expect(rig.lab.world.machine('r1-h2').power()).toBe('off')
    expect(await rig.enlist('r1-h2', { clean: true })).toMatchObject({ state: 'succeeded', error: null })
    await expectResting(rig, 'r1-h2')
    expect(await tagsOf('r1-h2')).toContain('ferrule-rig')
  })

  test('two hosts with one BMC, one MAC or one name', async () => {
    const machine = rig.lab.world.machine('r1-h2')
    const host = {
      name: 'other',
      bmc: { address: '127.40.1.99', username: 'admin', password: 'secret-of-other' },
      bootMac: '52:54:00:00:00:99',
      cpuCount: 8,
      cpuSpeedMhz: 0,
      memoryMib: 1,
      tags: [],
    }
    const add = (change: object) => addHost(rig.core.services, admin, { ...host, ...change })
    const { address, port } = machine.bmc
    await expect(add({ bmc: { ...host.bmc, address: `${address}:${port}` } })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/BMC .* belongs to another host/),
    })
    await expect(add({ bootMac: machine.nics[0]?.mac.toUpperCase() })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/MAC .* belongs to another host/),
    })
    await expect(add({ name: 'r1-h2' })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('BMC of one machine in MAAS, MAC of another: refused, neither is touched', async () => {
    const { bmc } = rig.lab.world.machine('r2-h2')
    const nic = rig.lab.world.machine('r2-h4').nics[0]
    const add = async (bootMac: string) => {
      const { operation } = await addHost(rig.core.services, admin, {
        name: 'chimera',
        bmc: { address: `${bmc.address}:${bmc.port}`, username: bmc.username, password: bmc.password },
        bootMac,
        cpuCount: 8,
        cpuSpeedMhz: 0,
        memoryMib: 32_768,
        tags: [],
        disksClean: { reason: 'test' },
      })
      return rig.ended(operation.id)
    }
    expectOneError(await add(nic?.mac ?? ''), 'conflict', /BMC/)
    // a MAC that MAAS does not know: MAAS itself would answer 409, for the BMC belongs to r2-h2
    expectOneError(await add('52:54:00:00:00:98'), 'conflict', /BMC/)
    expect(await tagsOf('r2-h2')).not.toContain('ferrule-rig')
    expect(await tagsOf('r2-h4')).not.toContain('ferrule-rig')
  })

  test('wired nowhere: refused before MAAS learns of it', async () => {
    const file = rackFile(rig.lab.plan)
    const gone = rig.lab.world.machine('r1-h4').nics.map((nic) => nic.mac)
    for (const rack of file.racks) rack.hosts = rack.hosts.filter((host) => !gone.includes(host.mac))
    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(file))
    await refused('r1-h4', () => undefined, 'check-failed', /no NIC of r1-h4 is wired/)
    expect(inMaas('r1-h4')).toBeNull()
    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(rackFile(rig.lab.plan)))
  })

  test('a dirty mark survives removing and adding, also against a word that the disks are clean', async () => {
    const disk = rig.lab.world.machine('r2-h6').disks[0]
    expect(await rig.enlist('r2-h6', { clean: true })).toMatchObject({ state: 'succeeded' })
    disk?.write(0, Buffer.from('OLD-TENANT'))
    const { host } = await findHost(rig.core.services, 'r2-h6')
    await markDirty(rig.core.services.tools.db, dirtyKeys(host), 'used past us', null)
    const said = await why(rig.core.services, 'host', 'r2-h6')
    expect(said).toMatchObject({ well: false, blocks: 'used past us' })
    expect(said.action).toMatch(/host erase r2-h6/)
    await removeHost(rig.core.services, admin, 'r2-h6')
    expect(inMaas('r2-h6')).toMatchObject({ status: 'Ready' })
    expect(await tagsOf('r2-h6')).not.toContain('ferrule-rig')
    expect(await rig.enlist('r2-h6', { clean: true })).toMatchObject({ state: 'succeeded' })
    expect(disk?.isBlank()).toBe(true)
    await expectResting(rig, 'r2-h6')
  })

  test('adopted while Deployed: looked at, never touched', async () => {
    // for its ports: MAAS can only install what it can boot
    expect(await rig.enlist('r2-h8', { clean: true })).toMatchObject({ state: 'succeeded' })
    await removeHost(rig.core.services, admin, 'r2-h8')
    await deployPastUs(rig, 'r2-h8')
    const ports = portsOf(rig, 'r2-h8')
    expect(await rig.enlist('r2-h8')).toMatchObject({ state: 'succeeded', error: null })
    expect(await hostView(rig.core.services, 'r2-h8')).toMatchObject({ state: 'read-only' })
    expect(rig.lab.world.machine('r2-h8').power()).toBe('on')
    expect(portsOf(rig, 'r2-h8')).toEqual(ports)
    expect(inMaas('r2-h8')).toMatchObject({ status: 'Deployed' })
    await expect(eraseHost(rig.core.services, admin, 'r2-h8', null)).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringMatching(/read-only/),
    })
    expect(await why(rig.core.services, 'host', 'r2-h8')).toMatchObject({
      well: true,
      summary: expect.stringMatching(/only looked at/),
    })
    await removeHost(rig.core.services, admin, 'r1-h2')
    await removeHost(rig.core.services, admin, 'r2-h6')
    expectOneError(
      await tryDeploy(rig, 'web', { offering: 'small' }),
      'no-host',
      /r2-h8: was adopted while deployed and is read-only/,
    )
  })
})
