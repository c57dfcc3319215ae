import type { Dials } from './dials.ts'
import * as screen from './firmware-screen.ts'
import { passesWithoutLacp } from './lacp.ts'
import { hasLink } from './network.ts'
import type { SerialLine } from './serial.ts'
import type { Surroundings } from './surroundings.ts'
import type { BootAnswer, BootFlags, Chance, Machine, Nic } from './types.ts'

/** Power-on self test of a server. */
const POST_MS = 60_000
/** One PXE try, DHCP and boot file together; the firmware makes three of them. */
const PXE_TRY_MS = 20_000
const PXE_TRIES = 3

/** What the firmware sees of its machine. */
export interface FirmwareHost {
  readonly machine: Machine
  readonly serialPort: SerialLine
  readonly name: string
  readonly uuid: string
  readonly nics: readonly Nic[] // [0] is the boot NIC
  readonly dials: Dials
  readonly chance: Chance
  readonly around: Surroundings
  readonly signal: AbortSignal
  bootFlags: BootFlags
  sleep(ms: number): Promise<void>
  diskBoots(): boolean
  /** Called when nobody answered a network boot. */
  networkFailed(): void
}

export type BootChoice =
  | { from: 'disk' }
  | { from: 'network'; nic: Nic; environment: Extract<BootAnswer, { kind: 'ephemeral' }> }
  | { from: 'nothing' }
  | { from: 'setup' } // somebody is in the BIOS menu: it waits there

export async function selfTest(host: FirmwareHost, hangs: () => void): Promise<void> {
  const span = host.chance.jitter(POST_MS, 0.2)
  host.serialPort.narrate(span * host.dials.slow, screen.postScreen(host.machine), host.signal)
  await host.sleep(span)
  if (!host.dials.bootHang) return
  hangs()
  host.serialPort.print(...screen.POST_HANG)
  await powerGoes(host.signal)
}

/**
 * Walks the boot order after POST. Valid boot flags of the BMC go first, and one-time ones are used up by this; without
 * them it is the disk, if something on it boots, and then the network.
 */
export async function chooseBoot(host: FirmwareHost): Promise<BootChoice> {
  const { name, around, serialPort } = host
  const device = takeFlags(host)
  if (device === 'bios') {
    serialPort.print(...screen.SETUP_SCREEN)
    return { from: 'setup' }
  }
  const order = device === 'network' ? ['network', 'disk'] : ['disk', 'network']
  for (const next of order) {
    if (next === 'disk') {
      if (host.diskBoots()) return { from: 'disk' }
      continue
    }
    const [nic] = host.nics
    const answer = nic ? await askNetwork(host, nic) : null
    if (!nic || !answer) {
      around.diary.note({ machine: name, kind: 'boot', detail: 'network boot: nobody answered' })
      host.networkFailed()
      continue
    }
    serialPort.print(...(answer.kind === 'local' ? screen.PXE_LOCAL : screen.PXE_OFFERED))
    if (answer.kind === 'ephemeral') return { from: 'network', nic, environment: answer }
    around.diary.note({ machine: name, kind: 'boot', detail: 'network boot: MAAS says boot from disk' })
    return host.diskBoots() ? { from: 'disk' } : { from: 'nothing' }
  }
  return { from: 'nothing' }
}

function takeFlags(host: FirmwareHost): BootFlags['device'] {
  const { valid, persistent, device } = host.bootFlags
  if (!valid) return 'none'
  host.serialPort.print('', screen.bootOverride(device, persistent))
  if (!persistent) host.bootFlags = { ...host.bootFlags, valid: false }
  return device
}

/** MAAS hears a PXE ask only through a port that is enabled, has link, and carries the PXE VLAN untagged. */
async function askNetwork(host: FirmwareHost, nic: Nic): Promise<BootAnswer | null> {
  const { uuid, around, dials, chance, serialPort } = host
  const ignored = dials.pxeIgnored > 0
  if (ignored) dials.pxeIgnored -= 1
  for (let attempt = 0; attempt < PXE_TRIES; attempt += 1) {
    serialPort.print(screen.pxeStart(nic))
    await host.sleep(chance.jitter(PXE_TRY_MS, 0.1))
    const heard = !ignored && inVlan(nic, around.bootServer.vlan, around)
    const answer = heard ? around.bootServer.boot({ mac: nic.mac, uuid }) : null
    if (answer) return answer
    serialPort.print(screen.pxeFailed(hasLink(nic, around.fabric)))
  }
  return null
}

export function inVlan(nic: Nic, vlan: number, { fabric }: Surroundings): boolean {
  const port = fabric.membership(nic.cable)
  return hasLink(nic, fabric) && passesWithoutLacp(port) && port.untagged === vlan
}

/** Never resolves: rejects when power goes. */
export function powerGoes(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
