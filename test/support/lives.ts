import { expect } from 'vitest'
import type { BmcInput } from '../../src/services/bmc-input.ts'
import { createOffering } from '../../src/services/catalogue.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { addHost, hostView } from '../../src/services/hosts.ts'
import { destroyInstance, rebootInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import type { OperationView } from '../../src/services/operations.ts'
import { operationView } from '../../src/services/operations.ts'
import { powerSwitches } from './bad-days.ts'
import type { Rig } from './rig.ts'
import { admin } from './rig.ts'

type Begun = { id: string }

/**
 * Lives of servers, host by host, in network blue: each stage ends with what the room shows. A host is the only one with
 * its name as a tag, and so is its offering; its server is called on-NAME.
 */
export class Lives {
  private readonly rig: Rig
  /** What CloudStack has reserved for each server. */
  private readonly addresses = new Map<string, string>()

  constructor(rig: Rig) {
    this.rig = rig
  }

  machine(name: string) {
    return this.rig.lab.world.machine(name)
  }

  async offer(name: string): Promise<void> {
    const { cpuCount, memoryMiB } = this.machine(name)
    await createOffering(this.rig.core.services, { name, cpuCount, memoryMib: memoryMiB, hostTags: [name] })
  }

  async add(name: string, bmc: BmcInput): Promise<OperationView> {
    const { nics, cpuCount, cpuSpeedMhz, memoryMiB } = this.machine(name)
    const { operation } = await addHost(this.rig.core.services, admin, {
      name,
      bmc,
      bootMac: nics[0]?.mac ?? '',
      cpuCount,
      cpuSpeedMhz,
      memoryMib: memoryMiB,
      tags: [name],
    })
    return this.rig.ended(operation.id)
  }

  async succeeded({ id }: Begun): Promise<void> {
    expect(await this.rig.ended(id, 90_000)).toMatchObject({ state: 'succeeded', error: null })
  }

  /** It may be parked for a while: what is parked goes on trying by itself. */
  async succeededInTheEnd({ id }: Begun): Promise<void> {
    const state = async () => (await operationView(this.rig.core.services, id)).state
    await expect.poll(state, { timeout: 20_000 }).toBe('succeeded')
  }

  async deploy(name: string): Promise<void> {
    const nic = this.rig.lab.routers.reserve(101, {})
    this.addresses.set(name, nic.ip)
    const { operation } = await deployInstance(this.rig.core.services, admin, {
      name: `on-${name}`,
      template: 'jammy',
      offering: name,
      nics: [{ network: 'blue', mac: nic.mac }],
    })
    await this.succeeded(operation)
    await this.expectRunning(name)
  }

  async stop(name: string, options: { mayPark?: boolean } = {}): Promise<void> {
    await this.end(await stopInstance(this.rig.core.services, admin, `on-${name}`), options)
    this.expectStopped(name)
  }

  async start(name: string, options: { mayPark?: boolean } = {}): Promise<void> {
    await this.end(await startInstance(this.rig.core.services, admin, `on-${name}`), options)
    await this.expectRunning(name)
  }

  async reboot(name: string): Promise<void> {
    const before = powerSwitches(this.rig, name).length
    await this.succeeded(await rebootInstance(this.rig.core.services, admin, `on-${name}`))
    expect(powerSwitches(this.rig, name).length).toBe(before + 2)
    await this.expectRunning(name)
  }

  async destroy(name: string): Promise<void> {
    const { operation } = await destroyInstance(this.rig.core.services, admin, `on-${name}`)
    if (operation) await this.succeeded(operation)
    expect(await hostView(this.rig.core.services, name)).toMatchObject({ state: 'available', dirty: false })
    expect(this.machine(name).power()).toBe('off')
  }

  async whole(name: string): Promise<void> {
    await this.deploy(name)
    await this.stop(name)
    await this.start(name)
    await this.destroy(name)
  }

  async expectRunning(name: string): Promise<void> {
    expect(this.machine(name).power()).toBe('on')
    expect(this.vlans(name)).toEqual(new Set([101]))
    const leased = () =>
      this.machine(name)
        .interfaces()
        .map((one) => one.lease?.ip)
    await expect.poll(leased, { timeout: 10_000 }).toEqual([this.addresses.get(name)])
  }

  expectStopped(name: string): void {
    expect(this.machine(name).power()).toBe('off')
    expect(this.machine(name).bootFlags).toMatchObject({ valid: true, device: 'network' })
    expect(this.vlans(name)).toEqual(new Set([10]))
  }

  private vlans(name: string): Set<number | null> {
    const { nics } = this.machine(name)
    return new Set(nics.map((nic) => this.rig.lab.fabric.membership(nic.cable).untagged))
  }

  private end(operation: Begun, { mayPark = false }: { mayPark?: boolean }): Promise<void> {
    return mayPark ? this.succeededInTheEnd(operation) : this.succeeded(operation)
  }
}
