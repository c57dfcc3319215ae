import type { Node } from './model.ts'
import { type BmcPower, type DrivenPowerType, isDriven } from './power-driver.ts'
import type { Region } from './region.ts'

/** Another power action runs on the node: answered as 503 with Retry-After. */
export class PowerBusy extends Error {
  constructor(node: Node, change: string) {
    super(
      `Unable to change power state to '${change}' for node ${node.hostname}: ` +
        'another action is already in progress for that node.',
    )
  }
}

/** The BMC does not answer or refuses. */
export class PowerFailed extends Error {}

/** MAAS waits at least so long for a BMC to settle after an action (provisioningserver/rpc/power.py: 4 s first). */
const SETTLE_MS = 4_000

/**
 * `ipmipower --cycle --on-if-off` after the boot device was set to PXE: a host that runs is reset hard.
 * (provisioningserver/drivers/power/ipmi.py)
 */
export async function powerOn(region: Region, node: Node): Promise<void> {
  await act(region, node, 'on', async (bmc) => {
    await bmc.pxeOnce()
    if ((await bmc.power()) === 'on') await bmc.cycle()
    else await bmc.on()
  })
}

export async function powerOff(region: Region, node: Node, soft = false): Promise<void> {
  await act(region, node, 'off', async (bmc) => {
    if (soft && bmc.soft !== undefined) await bmc.soft()
    else await bmc.off()
  })
}

/** Asks the BMC and refreshes the cached state; a power type without a driver stays `unknown`. */
export async function queryPower(region: Region, node: Node): Promise<Node['powerState']> {
  const { powerType } = node
  if (!isDriven(powerType)) return node.powerState
  try {
    node.powerState = await region.hold(connect(region, node, powerType).power())
  } catch {
    node.powerState = 'error'
  }
  return node.powerState
}

async function act(
  region: Region,
  node: Node,
  change: 'on' | 'off',
  action: (bmc: BmcPower) => Promise<void>,
): Promise<void> {
  const { powerType } = node
  if (!isDriven(powerType)) return
  if (region.powerBusy.has(node.systemId)) throw new PowerBusy(node, change)
  region.powerBusy.add(node.systemId)
  try {
    await region.hold(action(connect(region, node, powerType)))
    node.powerState = change
  } catch (error) {
    node.powerState = 'error'
    region.powerBusy.delete(node.systemId)
    const reason = error instanceof Error ? error.message : String(error)
    region.event(node, 'ERROR', 'Failed to power node', `Power ${change} for the node failed: ${reason}`)
    throw new PowerFailed(`Power ${change} for the node failed: Failed talking to node's BMC: ${reason}`)
  }
  region.background(async (signal) => {
    try {
      await region.world.clock.sleep(SETTLE_MS, signal)
    } finally {
      region.powerBusy.delete(node.systemId)
    }
  })
}

function connect(region: Region, node: Node, powerType: DrivenPowerType): BmcPower {
  const {
    power_address: given = '',
    power_user: username = '',
    power_pass: password = '',
  } = node.powerParameters
  const { address, port } = splitAddress(given)
  const known = region.world.machines.find(({ bmc }) => bmc.address === address)?.bmc
  const usual = powerType === 'ipmi' ? (known?.port ?? 623) : (known?.httpsPort ?? 443)
  return region.powerDrivers[powerType]({ address, port: port ?? usual, username, password })
}

/** Redfish addresses may be URLs and have a port: https://127.40.2.17:8443. */
function splitAddress(given: string): { address: string; port: number | null } {
  const [, address = given, port] = /^(?:https?:\/\/)?([^/:]+)(?::(\d+))?/.exec(given) ?? []
  return { address, port: port === undefined ? null : Number(port) }
}
