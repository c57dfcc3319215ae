import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts } from '../domain/host.ts'
import type { PreMadeLag, SwitchPorts } from '../drivers/switch/types.ts'
import { listCables } from '../store/racks.ts'
import type { Tools } from './tools.ts'

/**
 * What the LAGs that people made for this host lack, read back from their switches: whoever boots from the network
 * speaks no LACP, and whoever else is a member gets this host's VLANs.
 * @param nicsKnown false before commissioning, when only the boot NIC is.
 */
export async function preMadeLagFaults(
  tools: Pick<Tools, 'db' | 'openSwitch'>,
  host: Host,
  { nicsKnown = true }: { nicsKnown?: boolean } = {},
): Promise<FerruleError[]> {
  const faults: FerruleError[] = []
  const wired = wiredPorts(host).filter(({ member }) => member !== undefined)
  const lags = new Map(
    wired.map(({ switchId, port }) => [JSON.stringify([switchId, port]), { switchId, port }]),
  )
  for (const { switchId, port } of lags.values()) {
    const { ports } = await tools.openSwitch(switchId)
    const named = `LAG ${port} of switch ${switchId}`
    const made = await ports.preMadeLag(port)
    const lack = made === null ? absent(named) : (lacking(named, made) ?? null)
    if (lack) faults.push(lack)
    if (!made || !nicsKnown) continue
    const own = wired.filter((one) => one.switchId === switchId && one.port === port)
    const members = strangers(
      named,
      made,
      own.map(({ member = '' }) => member),
      ports,
    )
    if (members) faults.push(members)
    const macs = new Set(own.map(({ mac }) => mac))
    const other = (await listCables(tools.db, switchId)).find(
      (one) => one.port === port && !macs.has(one.mac),
    )
    if (other)
      faults.push(
        impossible(
          `the rack file puts NIC ${other.mac} into ${named} too, and that is no NIC of ${host.name}`,
          'Give each host a LAG of its own in the rack file.',
        ),
      )
  }
  return faults.map(
    ({ code, message, remedy, details }) =>
      new FerruleError(code, `${host.name}: ${message}`, remedy, { ...details, host: host.name }),
  )
}

function absent(named: string): FerruleError {
  return impossible(`${named} is not there`, 'Make it on the switch, or take it out of the rack file.')
}

function lacking(named: string, { lacp, fallback, command }: PreMadeLag): FerruleError | null {
  if (!lacp)
    return impossible(
      `${named} speaks no LACP, and a bond in mode 802.3ad does`,
      'Make its members active LACP members on the switch.',
    )
  if (fallback === null) return null
  return impossible(
    `${named} ${fallback}, so that nothing can boot from the network there`,
    `Set it on the switch: "${command}".`,
  )
}

/** Two lists of ports that should be one. */
function strangers(
  named: string,
  { members }: PreMadeLag,
  declared: readonly string[],
  ports: SwitchPorts,
): FerruleError | null {
  const wanted = declared.map((port) => ports.canonicalPort(port))
  const more = members.filter((port) => !wanted.includes(port))
  const fewer = wanted.filter((port) => !members.includes(port))
  if (more.length === 0 && fewer.length === 0) return null
  const said = [
    ...(more.length > 0 ? [`${more.join(', ')}, which the rack file does not name for this host`] : []),
    ...(fewer.length > 0 ? [`not ${fewer.join(', ')}`] : []),
  ]
  return impossible(
    `the members of ${named} are other ones than the rack file says: it has ${said.join(', and ')}`,
    'Correct the LAG on the switch, or the rack file.',
  )
}

function impossible(message: string, remedy: string): FerruleError {
  return new FerruleError('bond-impossible', message, remedy)
}
