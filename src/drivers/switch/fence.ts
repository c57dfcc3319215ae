import { type ErrorCode, FerruleError } from '../../domain/errors.ts'
import { normalPort, samePort } from './port-state.ts'
import type { PortState, SwitchFence } from './types.ts'

interface Fault {
  code: ErrorCode
  port: string
  vlan?: number
  message: string
}

/** Which code the error carries when faults of several kinds come together: the most basic one. */
const severity: readonly ErrorCode[] = ['invalid-input', 'port-fenced', 'vlan-fenced']

const remedies: Partial<Record<ErrorCode, string>> = {
  'invalid-input': 'Correct the wanted state of the port; nothing was sent to the switch.',
  'port-fenced': 'Name only ports and LAGs that the rack file gives to Ferrule, or add them there.',
  'vlan-fenced': 'Use a VLAN inside vlanRange of the rack file, or widen it there.',
}

/**
 * The wanted states by canonical port name, if the rack file allows each of them. All faults of a call are reported
 * in one error (`details.faults`), and nothing is written when there is one.
 */
export function fencedPorts(
  switchId: string,
  wanted: ReadonlyMap<string, PortState>,
  fence: SwitchFence,
  canonical: (port: string) => string,
): Map<string, PortState> {
  const allowed = allowedPorts(fence, canonical)
  const accepted = new Map<string, PortState>()
  const faults: Fault[] = []
  for (const [name, state] of wanted) {
    const port = canonicalOr(name, canonical, faults)
    if (port === null) continue
    if (!allowed.has(port)) {
      faults.push({ code: 'port-fenced', port, message: `port ${port} is not given to Ferrule` })
    }
    faults.push(...stateFaults(port, state, fence))
    const other = accepted.get(port)
    if (other && !samePort(other, state)) {
      faults.push({
        code: 'invalid-input',
        port,
        message: `port ${port} is named twice with different states`,
      })
    }
    accepted.set(port, normalPort(state))
  }
  if (faults.length > 0) throw fenceError(switchId, faults)
  return accepted
}

function stateFaults(port: string, state: PortState, fence: SwitchFence): Fault[] {
  const invalid = (message: string): Fault => ({
    code: 'invalid-input',
    port,
    message: `port ${port}: ${message}`,
  })
  const faults: Fault[] = []
  const { lagRange } = fence
  if (state.lag !== undefined && !(lagRange && state.lag >= lagRange.from && state.lag <= lagRange.to)) {
    const range = lagRange ? `outside ${lagRange.from}-${lagRange.to}` : 'not given: there is no lagRange'
    faults.push({ code: 'port-fenced', port, message: `port ${port}: LAG ${state.lag} is ${range}` })
  }
  if (state.untagged === null) faults.push(invalid('an untagged VLAN is required'))
  if (state.mode === 'access' && state.tagged.length > 0)
    faults.push(invalid('an access port has no tagged VLANs'))
  if (state.untagged !== null && state.tagged.includes(state.untagged)) {
    faults.push(invalid(`VLAN ${state.untagged} is both untagged and tagged`))
  }
  const service = (vlan: number | null) => vlan === fence.pxeVlan || vlan === fence.quarantineVlan
  // A tenant's host in the PXE VLAN could ask MAAS for its secrets and answer other hosts' DHCP.
  const serviceVlan = [state.untagged, ...state.tagged].find(service)
  if (serviceVlan !== undefined && state.tagged.length > 0) {
    faults.push(
      invalid(`VLAN ${serviceVlan} is the PXE or quarantine VLAN and never shares a port with another`),
    )
  }
  // Firmware that boots from the network speaks no LACP: a host at rest would be cut off.
  if (serviceVlan !== undefined && state.lag !== undefined)
    faults.push(invalid('a port in the PXE or quarantine VLAN is in no LAG'))
  const vlans = state.untagged === null ? state.tagged : [state.untagged, ...state.tagged]
  for (const vlan of new Set(vlans)) {
    if (!Number.isInteger(vlan) || vlan < 1 || vlan > 4094) {
      faults.push({ ...invalid(`VLAN ${vlan} is not in 1-4094`), vlan })
    } else if (!service(vlan) && (vlan < fence.vlanRange.from || vlan > fence.vlanRange.to)) {
      const range = `${fence.vlanRange.from}-${fence.vlanRange.to}`
      faults.push({
        code: 'vlan-fenced',
        port,
        vlan,
        message: `port ${port}: VLAN ${vlan} is outside ${range}`,
      })
    }
  }
  return faults
}

/** Names of the rack file that this switch cannot have are dropped: no request can match them. */
function allowedPorts(fence: SwitchFence, canonical: (port: string) => string): Set<string> {
  const allowed = new Set<string>()
  for (const name of fence.ports) {
    const port = canonicalOr(name, canonical, [])
    if (port !== null) allowed.add(port)
  }
  return allowed
}

function canonicalOr(name: string, canonical: (port: string) => string, faults: Fault[]): string | null {
  try {
    return canonical(name)
  } catch (error) {
    if (!(error instanceof FerruleError)) throw error
    faults.push({ code: 'invalid-input', port: name, message: error.message })
    return null
  }
}

function fenceError(switchId: string, faults: Fault[]): FerruleError {
  const code =
    severity.find((candidate) => faults.some((fault) => fault.code === candidate)) ?? 'invalid-input'
  const said = faults.map((fault) => fault.message).join('; ')
  return new FerruleError(
    code,
    `Switch ${switchId} refused before any write: ${said}`,
    remedies[code] ?? '',
    {
      switch: switchId,
      faults,
    },
  )
}
