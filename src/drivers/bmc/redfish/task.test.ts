import { afterEach, beforeEach, expect, test } from 'vitest'
import { resetMachine } from './testing/fake-machine.ts'
import { resetPath } from './testing/fake-resources.ts'
import type { Reply } from './testing/fake-types.ts'
import { type Rig, startRig } from './testing/rig.ts'

const monitor = '/redfish/v1/TaskService/TaskMonitors/7'
const task = (TaskState: string, more: object = {}) => ({
  '@odata.id': '/redfish/v1/TaskService/Tasks/7',
  TaskState,
  ...more,
})

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.stop())

/** The BMC takes the reset as a task, and then says these things at the monitor, one after the other. */
function asTask(first: Partial<Reply>, ...then: Reply[]): void {
  rig.fake.answer = (ask) => {
    if (ask.path === resetPath) return { status: 202, headers: { Location: monitor }, ...first }
    if (!ask.path.startsWith('/redfish/v1/TaskService')) return undefined
    const next = then.length > 1 ? then.shift() : then[0]
    if (next && next.status < 202) resetMachine(rig.fake.machine, 'On')
    return next
  }
}

const polls = () => rig.fake.seen.filter((ask) => ask.path.startsWith('/redfish/v1/TaskService')).length

test('a task is followed to its end', async () => {
  asTask(
    {},
    { status: 202, headers: { 'Retry-After': '1' } },
    { status: 202 },
    { status: 200, body: task('Completed') },
  )
  await rig.bmc.powerOn(rig.lease)
  expect(rig.fake.machine.power).toBe('On')
  expect(polls()).toBe(3)
})

test('a task that ends badly says why', async () => {
  const Messages = [{ MessageId: 'X.1.0.Broken', Message: 'The fuse has blown.' }]
  asTask({}, { status: 200, body: task('Exception', { Messages }) })
  await expect(rig.bmc.powerOn(rig.lease)).rejects.toMatchObject({
    code: 'bmc-refused',
    message: expect.stringContaining('The fuse has blown.'),
  })
})

test.each<[string, Partial<Reply>]>([
  ['is a finished task', { body: task('Completed') }],
  ['tells no place to look at', { headers: {}, body: {} }],
])('a 202 whose answer %s is not waited for', async (_, first) => {
  asTask(first, { status: 202 })
  await rig.bmc.powerOn(rig.lease)
  expect(polls()).toBe(0)
})

test('a failed task in the first answer is an error at once', async () => {
  asTask({ body: task('Exception') })
  await expect(rig.bmc.powerOn(rig.lease)).rejects.toMatchObject({ code: 'bmc-refused' })
})

test('the monitor may be named in the body, or lead on to the task', async () => {
  asTask(
    { headers: {}, body: task('Running', { TaskMonitor: monitor }) },
    { status: 303, headers: { Location: '/redfish/v1/TaskService/Tasks/7' } },
    { status: 200, body: task('Running') },
    { status: 200, body: task('Completed') },
  )
  await rig.bmc.powerOn(rig.lease)
  expect(polls()).toBe(3)
})

test.each([404, 410])('a monitor that is gone (%s) has nothing more to say', async (status) => {
  asTask({}, { status: 202 }, { status })
  await rig.bmc.powerOn(rig.lease)
})

test('a task without an end is not waited for longer than a task may take', async () => {
  asTask({}, { status: 202, headers: { 'Retry-After': '20' } })
  await rig.bmc.powerOn(rig.lease)
  expect(polls()).toBe(4)
})
