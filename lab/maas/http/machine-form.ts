import type { Node } from '../model.ts'
import { ipmiParameters, redfishParameters } from '../nodes.ts'
import { isDriven } from '../power-driver.ts'
import type { Region } from '../region.ts'
import { invalid, Refusal } from './answer.ts'
import type { Form } from './form.ts'

const POWER_TYPES = ['ipmi', 'manual', 'webhook', 'redfish', 'virsh', 'lxd']
const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/

type Errors = Record<string, string[]>

export interface MachineForm {
  hostname: string
  architecture: string
  macs: string[]
  powerType: string
  powerParameters: Record<string, string>
}

/** Checks a POST machines/ as MAAS's form does; throws its 400 with all faults, or the 409 of a BMC known already. */
export function createForm(region: Region, form: Form, hostname: string): MachineForm {
  const errors: Errors = {}
  const macs = form.all('mac_addresses').map((mac) => mac.toLowerCase())
  const macErrors = checkMacs(region, macs)
  if (macErrors.length > 0) errors.mac_addresses = macErrors
  checkHostname(region, form.get('hostname'), undefined, errors)
  const architecture = checkArchitecture(region, form.get('architecture'), errors)
  const powerType = form.get('power_type') ?? ''
  checkPowerType(powerType, macErrors.length > 0, errors)
  const powerParameters = readPower(form, powerType, {}, errors)
  refuse(errors)
  refuseKnownBmc(region, powerType, powerParameters, undefined)
  return { hostname: form.get('hostname') || hostname, architecture, macs, powerType, powerParameters }
}

/** Applies a PUT machines/{id}/. */
export function updateForm(region: Region, node: Node, form: Form): void {
  const errors: Errors = {}
  checkHostname(region, form.get('hostname'), node, errors)
  const architecture = form.has('architecture')
    ? checkArchitecture(region, form.get('architecture'), errors)
    : node.architecture
  const powerType = form.get('power_type') ?? node.powerType
  checkPowerType(powerType, false, errors)
  const touchesPower = form.keys().some((key) => key.startsWith('power_'))
  const kept = powerType === node.powerType ? node.powerParameters : {}
  const power = touchesPower ? readPower(form, powerType, kept, errors) : node.powerParameters
  const zone = place(region.state.zones, form.get('zone'), 'zone', node.zone, errors)
  const pool = place(region.state.pools, form.get('pool'), 'pool', node.pool, errors)
  const domain = place(region.state.domains, form.get('domain'), 'domain', node.domain, errors)
  refuse(errors)
  if (touchesPower) refuseKnownBmc(region, powerType, power, node)
  node.hostname = form.get('hostname') || node.hostname
  node.description = form.get('description') ?? node.description
  node.minHweKernel = form.get('min_hwe_kernel') ?? node.minHweKernel
  Object.assign(node, { architecture, powerType, powerParameters: power, zone, pool, domain })
}

function checkMacs(region: Region, macs: string[]): string[] {
  if (macs.length === 0) return ['At least one MAC address must be specified.']
  return macs.flatMap((mac) => {
    if (!MAC.test(mac)) return [`'${mac}' is not a valid MAC address.`]
    const owner = macOwner(region, mac)
    return owner === undefined ? [] : [`MAC address ${mac} already in use on ${owner.hostname}.`]
  })
}

/** The node that has this MAC on a physical interface. */
export function macOwner(region: Region, mac: string): Node | undefined {
  return region.state.nodes.find((node) =>
    node.interfaces.some((iface) => iface.type === 'physical' && iface.mac === mac),
  )
}

export function isMac(text: string): boolean {
  return MAC.test(text.toLowerCase())
}

function checkHostname(
  region: Region,
  hostname: string | undefined,
  self: Node | undefined,
  errors: Errors,
): void {
  if (hostname === undefined || hostname === '') return
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(hostname)) {
    errors.hostname = [
      `Label cannot contain or start with characters outside a-z, 0-9 and '-': '${hostname}'.`,
    ]
  } else if (region.state.nodes.some((node) => node !== self && node.hostname === hostname)) {
    errors.hostname = ['Node with this Hostname already exists.']
  }
}

/** Valid are those of which a boot image exists. */
function checkArchitecture(region: Region, text: string | undefined, errors: Errors): string {
  if (text === undefined || text === '') {
    errors.architecture = ['Architecture must be defined for installable nodes.']
    return ''
  }
  const valid = [...new Set(region.state.images.map((image) => `${image.architecture}/generic`))].sort()
  const full = text.includes('/') ? text : `${text}/generic`
  if (!valid.includes(full)) {
    const list = valid.map((one) => `'${one}'`).join(', ')
    errors.architecture = [`'${text}' is not a valid architecture.  It should be one of: ${list}.`]
  }
  return full
}

function checkPowerType(type: string, withoutInterfaces: boolean, errors: Errors): void {
  if (type !== '' && !POWER_TYPES.includes(type)) {
    errors.power_type = [`Select a valid choice. ${type} is not one of the available choices.`]
  } else if (type === 'manual' && withoutInterfaces) {
    errors.power_type = ["Can't set power type to manual without network interfaces"]
  }
}

function readPower(
  form: Form,
  type: string,
  kept: Record<string, string>,
  errors: Errors,
): Record<string, string> {
  const given: Record<string, string> = { ...kept, ...jsonParameters(form, errors) }
  const prefix = 'power_parameters_'
  for (const [key, value] of form.entries()) {
    if (key.startsWith(prefix) && key !== `${prefix}skip_check`) given[key.slice(prefix.length)] = value
  }
  if (!isDriven(type)) return given
  const needed = type === 'ipmi' ? ['power_address'] : ['power_address', 'power_user', 'power_pass']
  if (needed.some((name) => !given[name]) && !form.bool(`${prefix}skip_check`))
    errors.power_parameters = ['This field is required.']
  return type === 'ipmi' ? ipmiParameters(given) : redfishParameters(given)
}

function jsonParameters(form: Form, errors: Errors): Record<string, string> {
  const text = form.get('power_parameters')
  if (text === undefined || text === '') return {}
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) throw new Error('no object')
    return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]))
  } catch {
    errors.power_parameters = [`Failed to parse JSON power_parameters`]
    return {}
  }
}

/** The unique index on power type and parameters shows as a serialization conflict, though it will never go away. */
function refuseKnownBmc(
  region: Region,
  type: string,
  parameters: Record<string, string>,
  self: Node | undefined,
): void {
  if (!isDriven(type)) return
  const known = region.state.nodes.some(
    (node) =>
      node !== self &&
      node.powerType === type &&
      node.powerParameters.power_address === parameters.power_address,
  )
  if (!known) return
  throw new Refusal(409, 'text/html; charset=utf-8', 'Conflict error. Try your request again', {
    'Retry-After': '5',
  })
}

function place(
  known: { id: number; name: string }[],
  name: string | undefined,
  field: string,
  present: number,
  errors: Errors,
): number {
  if (name === undefined) return present
  const found = known.find((one) => one.name === name || String(one.id) === name)
  if (found === undefined)
    errors[field] = ['Select a valid choice. That choice is not one of the available choices.']
  return found?.id ?? present
}

function refuse(errors: Errors): void {
  if (Object.keys(errors).length > 0) throw invalid(errors)
}
