import { commission } from '../commission.ts'
import { deploy, findImage, NoAddresses, seriesName, usableImages } from '../deploy.ts'
import { curtinConfig } from '../install-files.ts'
import { abortNode, lock, markBroken, markFixed } from '../lifecycle.ts'
import type { Node, Script } from '../model.ts'
import { defaultNetworking } from '../networking.ts'
import { powerOff, powerOn, queryPower } from '../power.ts'
import type { Region } from '../region.ts'
import { release } from '../release.ts'
import { renderMachine } from '../render/machine.ts'
import * as status from '../status.ts'
import { hasRoot, restoreLayout, setLayout } from '../storage.ts'
import { test } from '../testing.ts'
import {
  type Answer,
  badRequest,
  conflict,
  gatewayTimeout,
  invalid,
  json,
  plain,
  unavailable,
} from './answer.ts'
import { type Call, nodeOf, type Resource, unlocked, withPower } from './call.ts'
import { updateForm } from './machine-form.ts'
import { refuseUnreleasable } from './machines.ts'

export const machineResource: Resource = {
  name: 'MachineHandler',
  path: 'machines/{system_id}/',
  handlers: {
    GET: (call) => shown(call, nodeOf(call)),
    PUT: (call) => {
      const node = unlocked(nodeOf(call))
      updateForm(call.region, node, call.form)
      return shown(call, node)
    },
    DELETE: (call) => {
      const node = unlocked(nodeOf(call))
      const { state } = call.region
      state.nodes = state.nodes.filter((one) => one !== node)
      node.epoch += 1
      return plain('', 204)
    },
    'POST commission': startCommission,
    'POST abort': async (call) => {
      const node = nodeOf(call)
      await withPower(abortNode(call.region, node))
      return shown(call, node)
    },
    'POST deploy': startDeploy,
    'POST release': startRelease,
    'POST power_on': startPowerOn,
    'POST power_off': async (call) => {
      const node = unlocked(nodeOf(call))
      await withPower(powerOff(call.region, node, call.form.get('stop_mode') === 'soft'))
      return shown(call, node)
    },
    'GET query_power_state': askPower,
    'GET power_parameters': (call) => json(nodeOf(call).powerParameters),
    'POST mark_broken': async (call) => {
      const node = unlocked(nodeOf(call))
      await markBroken(call.region, node, call.user, call.form.get('comment') ?? '')
      return shown(call, node)
    },
    'POST mark_fixed': (call) => {
      const node = nodeOf(call)
      markFixed(call.region, node)
      return shown(call, node)
    },
    'POST lock': (call) => {
      const node = nodeOf(call)
      lock(node, true)
      return shown(call, node)
    },
    'POST unlock': (call) => {
      const node = nodeOf(call)
      lock(node, false)
      return shown(call, node)
    },
    'POST test': startTest,
    'POST override_failed_testing': (call) => {
      const node = nodeOf(call)
      if (node.status !== status.FAILED_TESTING)
        throw conflict('Only failed nodes can have testing overridden.')
      call.region.setStatus(node, status.READY)
      return shown(call, node)
    },
    'POST set_workload_annotations': (call) => annotate(call),
    'POST set_owner_data': (call) => annotate(call),
    'GET get_curtin_config': (call) => {
      const node = nodeOf(call)
      if (![status.DEPLOYING, status.DEPLOYED, status.FAILED_DEPLOYMENT].includes(node.status)) {
        throw badRequest(`Machine ${node.hostname} is not in a deployment state.`)
      }
      return plain(curtinConfig(call.region, node))
    },
    'POST set_storage_layout': (call) => {
      const node = unlocked(nodeOf(call))
      setLayout(call.region, node, call.form)
      return shown(call, node)
    },
    'POST restore_networking_configuration': (call) => restore(call, 'networking configuration'),
    'POST restore_storage_configuration': (call) => restore(call, 'storage configuration.'),
    'POST restore_default_configuration': (call) =>
      restore(call, 'default networking and storage configuration.'),
  },
}

function shown({ region }: Call, node: Node): Answer {
  return json(renderMachine(region, node))
}

async function startCommission(call: Call): Promise<Answer> {
  const { region, form, user } = call
  const node = unlocked(nodeOf(call))
  if (!status.COMMISSIONABLE.includes(node.status) || node.interfaces.length === 0) {
    throw invalid({ __all__: ['Commission is not available because of the current state of the node.'] })
  }
  const work = commission(region, node, {
    user,
    skipBmcConfig: form.bool('skip_bmc_config'),
    skipNetworking: form.bool('skip_networking'),
  })
  // Rendered before the power action ends: the answer still shows the power state from before.
  const answer = shown(call, node)
  await withPower(work)
  return answer
}

async function startDeploy(call: Call): Promise<Answer> {
  const { region, form, user } = call
  const node = unlocked(nodeOf(call))
  const before = { status: node.status, owner: node.owner, agentName: node.agentName }
  if (node.status !== status.READY && node.status !== status.ALLOCATED) {
    throw conflict(`Can't deploy a machine that is in the '${status.statusName(node.status)}' state`)
  }
  const series = form.get('distro_series') ?? ''
  const image = findImage(region, node, series === '' ? defaultSeries(region) : series)
  if (image === undefined) throw invalid({ distro_series: [seriesText(region, node, series)] })
  const links = node.interfaces.flatMap((iface) => iface.links)
  if (!links.some((link) => link.subnet !== null)) {
    throw invalid({ network: ['Node must be configured to use a network'] })
  }
  if (!hasRoot(node)) {
    throw invalid({ storage: ["Mount the root '/' filesystem to be able to deploy this node."] })
  }
  node.owner = user
  if (form.has('agent_name')) node.agentName = form.get('agent_name') ?? ''
  const work = deploy(region, node, {
    image,
    userData: form.get('user_data') ?? null,
    restore: () => {
      region.setStatus(node, before.status)
      node.owner = before.owner
      node.agentName = before.agentName
    },
  })
  const answer = shown(call, node)
  try {
    await withPower(work)
  } catch (error) {
    if (error instanceof NoAddresses) throw unavailable(error.message)
    throw error
  }
  return answer
}

function defaultSeries(region: Region): string {
  return `${String(region.state.config.default_osystem)}/${String(region.state.config.default_distro_series)}`
}

function seriesText(region: Region, node: Node, series: string): string {
  const valid = ['', ...usableImages(region, node).map(seriesName)].sort()
  const list = valid.map((one) => `'${one}'`).join(', ')
  return `'${series}' is not a valid distro_series.  It should be one of: ${list}.`
}

async function startRelease(call: Call): Promise<Answer> {
  const { region, form } = call
  const node = unlocked(nodeOf(call))
  if (node.status === status.READY || node.status === status.RELEASING) return shown(call, node)
  refuseUnreleasable(node)
  const work = release(region, node, {
    erase: form.bool('erase'),
    quick: form.bool('quick_erase'),
    secure: form.bool('secure_erase'),
    scripts: namedScripts(region, form.get('scripts') ?? '', 3, 'scripts'),
    parameters: Object.fromEntries(form.entries()),
  })
  const answer = shown(call, node)
  await withPower(work)
  return answer
}

/** Comma list of names or tags of scripts of one type. */
function namedScripts(region: Region, list: string, type: number, field: string): Script[] {
  const names = list.split(',').filter((name) => name !== '' && name !== 'none')
  return names.flatMap((name) => {
    const found = region.state.scripts.filter(
      (script) => script.type === type && (script.name === name || script.tags.includes(name)),
    )
    if (found.length === 0) {
      throw invalid({ [field]: [`Select a valid choice. ${name} is not one of the available choices.`] })
    }
    return found
  })
}

/** On an allocated machine this is a deployment with the default image. */
async function startPowerOn(call: Call): Promise<Answer> {
  const node = unlocked(nodeOf(call))
  if (node.owner === null) throw conflict("Can't start node: it hasn't been allocated.")
  if (node.status === status.ALLOCATED) return startDeploy(call)
  await withPower(powerOn(call.region, node))
  return shown(call, node)
}

async function startTest(call: Call): Promise<Answer> {
  const { region, form } = call
  const node = unlocked(nodeOf(call))
  const allowed = [status.READY, status.DEPLOYED, status.ALLOCATED, status.FAILED_TESTING, status.BROKEN]
  if (!allowed.includes(node.status)) {
    throw invalid({ __all__: ['Test is not available because of the current state of the node.'] })
  }
  const scripts = namedScripts(region, form.get('testing_scripts') ?? '', 2, 'testing_scripts')
  if (scripts.length === 0) throw invalid({ testing_scripts: ['No scripts were selected.'] })
  await withPower(test(region, node, scripts, Object.fromEntries(form.entries())))
  return shown(call, node)
}

/** An empty value takes the annotation away. */
function annotate(call: Call): Answer {
  const node = nodeOf(call)
  for (const [key, value] of call.form.entries()) {
    if (key === 'op') continue
    if (value === '') delete node.annotations[key]
    else node.annotations[key] = value
  }
  return shown(call, node)
}

/** Since 3.6 a BMC that does not answer is an answer that does not come. */
export async function askPower(call: Call): Promise<Answer> {
  const node = nodeOf(call)
  const state = await queryPower(call.region, node)
  if (state === 'error') throw gatewayTimeout(`Timed out querying the power state of node ${node.hostname}.`)
  return json({ state })
}

function restore(call: Call, what: string): Answer {
  const node = unlocked(nodeOf(call))
  if (node.status !== status.READY && node.status !== status.FAILED_TESTING)
    throw conflict(`Machine must be in a ready or failed testing state to restore ${what}`)
  if (!what.startsWith('storage')) defaultNetworking(call.region, node)
  if (!what.startsWith('networking')) restoreLayout(node)
  return shown(call, node)
}
