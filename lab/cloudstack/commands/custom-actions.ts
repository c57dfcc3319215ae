import { ApiError, invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Cloud } from '../cloud.ts'
import { extensionOf, find, findFor } from '../find.ts'
import { ask, askCustom, reason } from '../orchestrator/ask.ts'
import type { Ran } from '../orchestrator/programs.ts'
import type { CustomAction, Details, Vm } from '../state.ts'

/** Seconds, unless the action says otherwise. */
const TIMEOUT_S = 5

export const customActionCommands: Command[] = [
  {
    name: 'addCustomAction',
    description: 'Add a custom action for an extension',
    params: {
      extensionid: 'uuid!',
      name: 'string!',
      description: 'string',
      resourcetype: 'string',
      allowedroletypes: 'list',
      parameters: 'map',
      successmessage: 'string',
      errormessage: 'string',
      timeout: 'integer',
      enabled: 'boolean',
      details: 'map',
    },
    run(cloud, params) {
      const { state } = cloud
      const extension = findFor(
        state.extensions,
        'addCustomAction',
        'extensionid',
        params.must('extensionid'),
      )
      const name = params.must('name')
      if (!/^[a-zA-Z0-9 _-]+$/.test(name)) throw invalid(`Invalid action name: ${name}`)
      const known = state.customActions.some((one) => one.extensionId === extension.id && one.name === name)
      if (known) throw invalid(`Action by name already exists: ${name}`)
      const action: CustomAction = {
        id: cloud.newId(),
        name,
        extensionId: extension.id,
        description: params.text('description') ?? '',
        resourceType: params.text('resourcetype') ?? 'VirtualMachine',
        enabled: params.flag('enabled'),
        timeout: params.number('timeout') ?? TIMEOUT_S,
        roles: params.has('allowedroletypes') ? params.list('allowedroletypes') : ['Admin'],
        parameters: params.entries('parameters'),
        details: params.map('details'),
        successMessage: params.text('successmessage') ?? null,
        errorMessage: params.text('errormessage') ?? null,
        created: cloud.now(),
      }
      state.customActions.push(action)
      cloud.touch()
      return { extensioncustomaction: actionView(cloud, action) }
    },
  },
  {
    name: 'updateCustomAction',
    description: 'Update the custom action',
    params: {
      id: 'uuid!',
      description: 'string',
      allowedroletypes: 'list',
      enabled: 'boolean',
      parameters: 'map',
      cleanupparameters: 'boolean',
      successmessage: 'string',
      errormessage: 'string',
      timeout: 'integer',
    },
    run(cloud, params) {
      const action = findFor(cloud.state.customActions, 'updateCustomAction', 'id', params.must('id'))
      action.description = params.text('description') ?? action.description
      action.timeout = params.number('timeout') ?? action.timeout
      action.enabled = params.flag('enabled', action.enabled)
      if (params.has('allowedroletypes')) action.roles = params.list('allowedroletypes')
      if (params.flag('cleanupparameters')) action.parameters = []
      else if (params.has('parameters')) action.parameters = params.entries('parameters')
      cloud.touch()
      return { extensioncustomaction: actionView(cloud, action) }
    },
  },
  {
    name: 'deleteCustomAction',
    description: 'Delete the custom action',
    params: { id: 'uuid!' },
    run(cloud, params) {
      const { state } = cloud
      const action = findFor(state.customActions, 'deleteCustomAction', 'id', params.must('id'))
      state.customActions = state.customActions.filter(({ id }) => id !== action.id)
      cloud.touch()
      return { success: true }
    },
  },
  {
    name: 'listCustomActions',
    description: 'Lists the custom actions',
    params: {
      ...LIST_PARAMS,
      extensionid: 'uuid',
      resourcetype: 'string',
      resourceid: 'uuid',
      enabled: 'boolean',
    },
    run(cloud, params) {
      const extensionId = params.text('extensionid')
      const actions = chosen(cloud.state.customActions, params).filter(
        (one) => extensionId === undefined || one.extensionId === extensionId,
      )
      return listed(
        'extensioncustomaction',
        actions.map((one) => actionView(cloud, one)),
        params,
      )
    },
  },
  {
    name: 'runCustomAction',
    description: 'Run the custom action',
    params: { customactionid: 'uuid!', resourceid: 'uuid!', resourcetype: 'string', parameters: 'map' },
    begin(cloud, params) {
      const { state } = cloud
      const action = findFor(
        state.customActions,
        'runCustomAction',
        'customactionid',
        params.must('customactionid'),
      )
      const vm = findFor(state.vms, 'runCustomAction', 'resourceid', params.must('resourceid'))
      if (!action.enabled) throw invalid(`Custom action is not enabled: ${action.name}`)
      if (extensionOf(cloud, vm).id !== action.extensionId)
        throw invalid(`${action.name} is not an action of the extension of ${vm.name}`)
      const parameters = typed(action, params.map('parameters'))
      return {
        id: vm.id,
        type: 'VirtualMachine',
        work: async () => ({
          customactionresult: resultOf(action, await askCustom(cloud, vm, { action, parameters })),
        }),
      }
    },
  },
  {
    name: 'createConsoleEndpoint',
    description: 'Create a console endpoint to connect to an Instance console',
    params: { virtualmachineid: 'uuid!' },
    async run(cloud, params) {
      const vm = findFor(
        cloud.state.vms,
        'createConsoleEndpoint',
        'virtualmachineid',
        params.must('virtualmachineid'),
      )
      return { consoleendpoint: await consoleOf(cloud, vm) }
    },
  },
]

function actionView({ state }: Cloud, action: CustomAction): Record<string, unknown> {
  return {
    id: action.id,
    name: action.name,
    description: action.description,
    extensionid: action.extensionId,
    extensionname: find(state.extensions, action.extensionId).name,
    resourcetype: action.resourceType,
    allowedroletypes: action.roles,
    parameters: action.parameters.map(parameterView),
    successmessage: action.successMessage ?? 'Successfully completed {{actionName}}',
    errormessage: action.errorMessage ?? 'Failed to complete {{actionName}}',
    enabled: action.enabled,
    timeout: action.timeout,
    details: action.details,
    created: action.created,
  }
}

/** The options come as one text and are told as a list. */
function parameterView({ valueoptions, required, ...rest }: Details): Record<string, unknown> {
  return {
    validationformat: 'NONE',
    ...rest,
    required: required === 'true',
    ...(valueoptions === undefined ? {} : { valueoptions: valueoptions.split(',') }),
  }
}

/** Values in the form as the action declares them; what it does not declare is not handed on. */
function typed(action: CustomAction, given: Details): Record<string, unknown> {
  return Object.fromEntries(
    action.parameters.flatMap(({ name = '', type, required }): [string, unknown][] => {
      const text = given[name]
      if (text === undefined && required === 'true')
        throw new ApiError(431, `Missing or empty required parameter: ${name}`, 4350)
      if (text === undefined) return []
      if (type?.toUpperCase() === 'NUMBER') return [[name, Number(text)]]
      if (type?.toUpperCase() === 'BOOLEAN') return [[name, text === 'true']]
      return [[name, text]]
    }),
  )
}

function resultOf(action: CustomAction, ran: Ran): Record<string, unknown> {
  const message = ran.ok ? action.successMessage : action.errorMessage
  const otherwise = ran.ok ? `Successfully completed ${action.name}` : `Failed to complete ${action.name}`
  return {
    id: action.id,
    name: action.name,
    success: ran.ok,
    result: { message: message ?? otherwise, details: ran.ok ? printed(ran.output) : reason(ran) },
  }
}

/** What the extension wants to be shown; without `printmessage` its answer stays where it is. */
function printed(output: string): string {
  try {
    const { message, printmessage }: { message?: unknown; printmessage?: unknown } = JSON.parse(output)
    if (String(printmessage) !== 'true') return ''
    return typeof message === 'string' ? message : JSON.stringify(message)
  } catch {
    return output
  }
}

async function consoleOf(cloud: Cloud, vm: Vm): Promise<Record<string, unknown>> {
  const ran = await ask(cloud, vm, 'getconsole')
  const refused = { success: false, details: 'Failed to get a console for the Instance' }
  if (!ran.ok) return refused
  try {
    const { console }: { console?: { url?: string; protocol?: string } } = JSON.parse(ran.output)
    return console?.url === undefined ? refused : { success: true, url: console.url }
  } catch {
    return refused
  }
}
