import type { VmAction } from './call-table.ts'

/** A custom action as it is registered with CloudStack: what a user clicks on, and the form that opens. */
export interface CustomAction {
  action: VmAction
  name: string
  description: string
  parameters: readonly { name: string; required: boolean; options?: readonly string[] }[]
  /** Seconds that CloudStack waits for the answer; its own default is too short for any of them. */
  timeoutS: number
  /** Who sees it unless the operator says otherwise. */
  roles: readonly string[]
}

const everybody = ['Admin', 'ResourceAdmin', 'DomainAdmin', 'User'] as const
const policies = ['full', 'secure', 'quick'] as const

/** A form may ask for as little as nothing: every parameter that is not required has a meaning when left empty. */
export const customActions: readonly CustomAction[] = [
  {
    action: 'why',
    name: 'Why',
    description: 'What the server is doing, what blocks it and since when, and what to do',
    parameters: [],
    timeoutS: 30,
    roles: everybody,
  },
  {
    action: 'plan',
    name: 'Plan',
    description: 'What a reinstall, a destroy or a heal would do, without doing any of it',
    parameters: [
      { name: 'action', required: false, options: ['reinstall', 'destroy', 'heal'] },
      { name: 'template', required: false },
      { name: 'erase', required: false, options: policies },
    ],
    timeoutS: 60,
    roles: ['Admin'],
  },
  {
    action: 'reinstall',
    name: 'Reinstall',
    description: 'Erases all disks and installs a system anew on the same server',
    parameters: [
      { name: 'template', required: false },
      { name: 'erase', required: false, options: policies },
    ],
    timeoutS: 60,
    roles: everybody,
  },
  {
    action: 'certificate',
    name: 'Erase certificate',
    description: 'The proof that the disks of this server were blank before it was given out',
    parameters: [],
    timeoutS: 30,
    roles: everybody,
  },
  {
    action: 'identify',
    name: 'Identify light',
    description: 'Lights the identify light of the server for so many seconds; 0 puts it out',
    parameters: [{ name: 'seconds', required: false }],
    timeoutS: 60,
    roles: ['Admin'],
  },
  {
    action: 'attach',
    name: 'Attach network',
    description: 'Adds a network to a server, tagged, while it runs',
    parameters: [
      { name: 'network', required: true },
      { name: 'mac', required: false },
    ],
    timeoutS: 600,
    roles: ['Admin'],
  },
  {
    action: 'detach',
    name: 'Detach network',
    description: 'Takes a network off a server while it runs; never the default one',
    parameters: [{ name: 'network', required: true }],
    timeoutS: 600,
    roles: ['Admin'],
  },
]

const byName = new Map<string, VmAction>(customActions.map((one) => [one.name.toLowerCase(), one.action]))

/** CloudStack calls an action by the name that it was registered with: ours, or the bare word. */
export function actionNamed(name: string): string {
  return byName.get(name.toLowerCase()) ?? name
}
