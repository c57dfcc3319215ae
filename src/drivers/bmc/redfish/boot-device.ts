import { FerruleError } from '../../../domain/errors.ts'
import type { HostLease } from '../../../domain/lease.ts'
import type { BootDevice } from '../types.ts'
import type { Answer } from './ask.ts'
import { type BootReading, decodeOverride, type WantedOverride, wantedOverride } from './boot-override.ts'
import { bootPatch, modeAgain } from './boot-patch.ts'
import { patch } from './conditional.ts'
import { mayHaveRun, refused, unsupported } from './errors.ts'
import { messagesOf } from './messages.ts'
import { patient } from './not-ready.ts'
import { wait } from './options.ts'
import type { RedfishSystem, SystemReading } from './system.ts'
import { followTask } from './task.ts'
import { settingsSchema, type WireBoot } from './wire.ts'

/** A resource that has the boot override. */
interface BootPlace {
  name: 'settings' | 'system'
  path: string
  boot: WireBoot
}

const what = 'set the boot device'

/** Some BMCs show what was written a moment after they have said "done". */
const reads = 3

export async function readBootDevice(system: RedfishSystem): Promise<BootReading> {
  const reading = await system.read('show its boot device')
  const [first] = await placesOf(system, reading)
  return decodeOverride(first?.boot ?? reading.system.Boot)
}

/**
 * Writes the boot override where this BMC takes it, and reads it back there. As with IPMI, an override for one boot
 * where a lasting one was asked for is let pass: whoever needs it looks at `bootDevice()`, or sets it again before
 * each power-on.
 */
export async function writeBootDevice(
  system: RedfishSystem,
  lease: HostLease,
  device: BootDevice,
  options: { persistent: boolean; efi: boolean },
): Promise<void> {
  const reading = await system.read(what)
  let answer: Answer | undefined
  for (const place of await placesOf(system, reading)) {
    const wanted = wantedOverride(place.boot, device, options)
    if (wanted === null) continue
    answer = await write(system, reading, place, wanted, lease)
    if (answer === undefined) {
      system.bootPlace = place.name
      return readBack(system, reading, place, wanted, lease, device)
    }
  }
  if (answer) throw refused(system.client.address, what, answer.status, messagesOf(answer.json))
  throw unsupported(
    system.client.address,
    `boot source for ${device}`,
    'Without it no tenant can be kept out of the PXE VLAN: use IPMI for this host, or update the firmware of its BMC.',
  )
}

/** In the vendor's order, what has worked before first. Without any, the system itself: it may still take one. */
async function placesOf(
  system: RedfishSystem,
  { path, system: now, traits }: SystemReading,
): Promise<BootPlace[]> {
  const places: BootPlace[] = [{ name: 'system', path, boot: now.Boot }]
  const settings = now['@Redfish.Settings'].SettingsObject
  if (settings !== undefined) {
    const at = system.client.path(settings, 'show the system')
    const answer = await system.client.request({ method: 'GET', path: at, what: 'show its pending settings' })
    const parsed = settingsSchema.safeParse(answer.json)
    if (answer.status === 200 && parsed.success && parsed.data.Boot.BootSourceOverrideTarget !== null)
      places.push({ name: 'settings', path: at, boot: parsed.data.Boot })
  }
  const order = system.bootPlace ? [system.bootPlace, ...traits.bootPlaces] : traits.bootPlaces
  const rank = (place: BootPlace) => order.indexOf(place.name)
  return places.sort((a, b) => rank(a) - rank(b))
}

/** Undefined: written, or so already. Else the refusal. */
async function write(
  system: RedfishSystem,
  { traits }: SystemReading,
  place: BootPlace,
  wanted: WantedOverride,
  lease: HostLease,
): Promise<Answer | undefined> {
  const tries = wanted.enabled === 'Continuous' ? [wanted, { ...wanted, enabled: 'Once' as const }] : [wanted]
  let answer: Answer | undefined
  for (const one of tries) {
    const fields = bootPatch(place.boot, one, traits)
    if (fields === null) return undefined
    answer = await send(system, traits, place, fields, lease)
    if (answer.status < 300) return undefined
    if (answer.status !== 400) return answer
  }
  return answer
}

/** What is written is absolute: after a lost answer it is written once more. */
async function send(
  system: RedfishSystem,
  traits: SystemReading['traits'],
  place: BootPlace,
  fields: Record<string, string | null>,
  lease: HostLease,
): Promise<Answer> {
  const { client } = system
  const change = { path: place.path, what, body: { Boot: fields }, lease }
  const once = () => patient(client, traits, () => patch(client, change))
  const answer = await once().catch((error: unknown) => {
    if (mayHaveRun(error)) return once()
    throw error
  })
  await followTask(client, answer, what)
  return answer
}

async function readBack(
  system: RedfishSystem,
  reading: SystemReading,
  place: BootPlace,
  wanted: WantedOverride,
  lease: HostLease,
  device: BootDevice,
): Promise<void> {
  const { client } = system
  let boot = await readBoot(system, place)
  const again = modeAgain(boot, wanted, reading.traits)
  if (again !== null) {
    await send(system, reading.traits, place, again, lease)
    boot = await readBoot(system, place)
  }
  for (let read = 1; read < reads && !holds(boot, wanted); read += 1) {
    await wait(client.settings, 1)
    boot = await readBoot(system, place)
  }
  if (holds(boot, wanted)) return
  const seen = decodeOverride(boot)
  throw new FerruleError(
    'boot-device-unset',
    `BMC ${client.address} took the boot device "${device}" but reads back "${boot.BootSourceOverrideTarget ?? 'nothing'}", ${boot.BootSourceOverrideEnabled ?? 'not enabled'}.`,
    'Set the boot order in the firmware to network first, then disk, or update the firmware of the BMC.',
    { address: client.address, wanted: device, seen },
  )
}

function holds(boot: WireBoot, wanted: WantedOverride): boolean {
  return boot.BootSourceOverrideTarget === wanted.target && boot.BootSourceOverrideEnabled !== 'Disabled'
}

async function readBoot(system: RedfishSystem, place: BootPlace): Promise<WireBoot> {
  const { value } = await system.client.read(settingsSchema, place.path, 'show its boot device')
  return value.Boot
}
