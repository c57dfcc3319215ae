import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManagementController } from '../bmc/controller.ts'
import { type StubMachine, stubMachine } from '../bmc/test-support/stub-machine.ts'
import { type RedfishClient, RedfishClientError, redfish } from './client.ts'
import { type RunningRedfish, startRedfish } from './server.ts'

let machine: StubMachine
let controller: ManagementController
let service: RunningRedfish
let client: RedfishClient

beforeEach(async () => {
  machine = stubMachine({ address: '127.0.8.11' })
  controller = new ManagementController(machine)
  service = await startRedfish(controller, { port: 0, ipmiPort: null, sshPort: null })
  client = redfish({ ...machine.bmc, port: service.port })
})
afterEach(async () => {
  await service.close()
  controller.stop()
})

async function failure(work: Promise<unknown>): Promise<{ status: number | null; message: string }> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof RedfishClientError) return { status: error.status, message: error.message }
  throw new Error(`expected a RedfishClientError, got ${String(error)}`)
}

test('switches as MAAS does: an off ends with a PXE order, a cycle is off and on', async () => {
  expect(await client.power()).toBe('off')
  await client.pxeOnce()
  await client.on()
  expect(await client.power()).toBe('on')
  await client.cycle()
  await client.off()
  await client.off()
  await client.soft()
  const pxe = 'boot flags valid network'
  const acts = machine.acts.filter((act) => act !== 'boot flags invalid network')
  expect(acts).toEqual([pxe, 'on', 'boot network', 'off', 'on', 'boot as set up', 'off', pxe, pxe])
})

test('keeps to ETags where they are demanded', async () => {
  service.dials.needsIfMatch = true
  await client.pxeOnce()
  expect(machine.bootFlags).toMatchObject({ valid: true, persistent: false, device: 'network' })
})

test('tells a refused login, a fault, a state in between and silence apart', async () => {
  controller.dials.rejectPassword = true
  expect(await failure(client.power())).toMatchObject({ status: 401 })
  controller.dials.rejectPassword = false
  service.dials.busyNext = 1
  expect(await failure(client.power())).toMatchObject({ status: 503 })
  controller.dials.powerDelayMs = 60_000
  await client.on()
  expect(await failure(client.power())).toEqual({ status: null, message: 'power state PoweringOn' })
  controller.dials.unreachable = true
  expect((await failure(client.power())).message).toContain('BMC unreachable')
})

test('has no use for plain HTTP, which the service does not speak', async () => {
  await expect(fetch(`http://127.0.8.11:${service.port}/redfish/v1/`)).rejects.toThrow()
})
