import { FerruleError } from '../../../src/domain/errors.ts'
import { openSwitchPorts } from '../../../src/drivers/switch/engine.ts'
import { ovsdb } from '../../../src/drivers/switch/ovsdb/driver.ts'
import type { SwitchPorts } from '../../../src/drivers/switch/types.ts'
import { type OpenVSwitch, startOpenVSwitch } from './open-vswitch.ts'
import { fenceOf } from './switch-lease.ts'

/** An Open vSwitch with two ports that are Ferrule's, swp1 and swp2, and one that is not, up1. */
export interface OvsRoom {
  ovs: OpenVSwitch
  open(requestMs?: number): SwitchPorts
  /** Puts both ports into VLAN 200, and opens them. */
  reset(): Promise<SwitchPorts>
  /** "vlan_mode tag trunks" of a port, from the switch's own tool. */
  row(port: string): Promise<string>
}

export async function ovsRoom(): Promise<OvsRoom> {
  const ovs = await startOpenVSwitch()
  for (const port of ['swp1', 'swp2', 'up1']) await ovs.plug(port)
  const open = (requestMs = 10_000) =>
    openSwitchPorts({
      id: 'tor1',
      driver: ovsdb,
      endpoint: { address: ovs.address, username: 'none', password: 'none' },
      fence: fenceOf('swp1', 'swp2'),
      timeouts: { coalesceMs: 0, connectMs: 2_000, requestMs, readRetryMs: [] },
    })
  return {
    ovs,
    open,
    async reset() {
      for (const port of ['swp1', 'swp2'])
        await ovs.vsctl('set', 'port', port, 'vlan_mode=access', 'tag=200', 'trunks=[]')
      return open()
    },
    async row(port) {
      const shown = await ovs.vsctl('get', 'port', port, 'vlan_mode', 'tag', 'trunks')
      return shown.trim().split('\n').join(' ')
    },
  }
}

export async function failure(work: Promise<unknown>): Promise<FerruleError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof FerruleError) return error
  throw new Error(`expected a coded error, got ${String(error)}`)
}
