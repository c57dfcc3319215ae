import { collection, type Json, link, ROOT, type Route, resource, type Service } from '../resource.ts'
import type { Task } from '../tasks.ts'

const TASKS = '/TaskService/Tasks'

export const TASK_ROUTES: readonly Route[] = [
  {
    pattern: '/TaskService',
    get: ({ service }) =>
      resource('/TaskService', 'TaskService.v1_2_1', 'TaskService', 'Task Service', {
        ServiceEnabled: true,
        DateTime: new Date(service.controller.clock.seconds() * 1000).toISOString(),
        CompletedTaskOverWritePolicy: 'Oldest',
        LifeCycleEventOnTaskStateChange: false,
        Status: { State: 'Enabled', Health: 'OK' },
        Tasks: link(TASKS),
      }),
  },
  {
    pattern: TASKS,
    get: ({ service }) =>
      collection(
        TASKS,
        'Task',
        'Task Collection',
        service.tasks.all().map(({ id }) => id),
      ),
  },
  {
    pattern: `${TASKS}/:task`,
    get(x) {
      const task = x.service.tasks.find(x.param('task'))
      return task === undefined ? null : taskResource(x.service, task)
    },
    delete: {
      privilege: () => 'ConfigureManager',
      run(x) {
        x.service.tasks.remove(x.param('task'))
        return { status: 204 }
      },
    },
  },
]

/** Where a monitor of a task is, below /redfish/v1: it answers 202 until the task is done, and then what the action would have answered. */
export const TASK_MONITOR = '/TaskService/TaskMonitors/'

export function taskResource({ tasks, controller }: Service, task: Task): Json {
  const done = tasks.done(task)
  return resource(`${TASKS}/${task.id}`, 'Task.v1_7_4', task.id, task.name, {
    TaskMonitor: `${ROOT}${TASK_MONITOR}${task.id}`,
    TaskState: done ? 'Completed' : 'Running',
    TaskStatus: 'OK',
    PercentComplete: done ? 100 : 0,
    StartTime: new Date(task.started).toISOString(),
    ...(done ? { EndTime: new Date(controller.clock.seconds() * 1000).toISOString() } : {}),
    Messages: [],
  })
}
