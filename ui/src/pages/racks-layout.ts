import type { Schemas } from '../api/client.ts'
import type { Host } from './hosts-columns.tsx'

type Rack = Schemas['Rack']
type RackSwitch = Rack['switches'][number]
export type Place = RackSwitch['place']

export interface Wire {
  switch: RackSwitch
  port: string
  mac: string
  place: Place
}

/** One server's place: its wires, and the host if it is added. */
export interface Slot {
  host: Host | null
  wires: Wire[]
}

/** Rows of a drawing to scale, counted from the top; null: the rack file does not say where it stands. */
export function rowsOf(place: Place, top: number): string | undefined {
  if (place === null) return undefined
  const first = top - (place.unit + place.units - 1) + 1
  return `${first} / span ${place.units}`
}

/** The highest unit that anything in the frame takes; null: not everything in it says where it stands. */
export function topOf({ switches, slots }: Frame): number | null {
  const places = [...switches.map(({ place }) => place), ...slots.map(placeIn)]
  if (places.length === 0 || places.some((place) => place === null)) return null
  return Math.max(...places.map((place) => (place === null ? 0 : place.unit + place.units - 1)))
}

export function placeIn({ wires }: Slot): Place {
  return wires.find(({ place }) => place !== null)?.place ?? null
}

/** Switches that share a host stand in one frame. */
export interface Frame {
  switches: RackSwitch[]
  slots: Slot[]
}

const order = new Intl.Collator('en', { numeric: true })

/** From the rack file's ports to frames as they stand in the room. */
export function framesOf(rack: Rack, hosts: readonly Host[]): Frame[] {
  const hostOf = new Map(hosts.flatMap((host) => host.nics.map(({ mac }) => [mac, host] as const)))
  for (const host of hosts) if (!hostOf.has(host.bootMac)) hostOf.set(host.bootMac, host)
  const slots = new Map<string, Slot>()
  for (const one of rack.switches)
    for (const { port, mac, place } of one.ports) {
      const host = hostOf.get(mac) ?? null
      const key = host?.id ?? mac
      const slot = slots.get(key) ?? { host, wires: [] }
      slot.wires.push({ switch: one, port, mac, place })
      slots.set(key, slot)
    }
  const frames: Frame[] = []
  for (const one of rack.switches) {
    if (frames.some(({ switches }) => switches.includes(one))) continue
    const frame: Frame = { switches: [one], slots: [] }
    // all that hang together, however long the chain
    for (const member of frame.switches)
      for (const slot of slots.values())
        if (slot.wires.some((wire) => wire.switch === member))
          for (const wire of slot.wires)
            if (!frame.switches.includes(wire.switch)) frame.switches.push(wire.switch)
    const inFrame = [...slots.values()].filter(({ wires }) =>
      wires.some((wire) => frame.switches.includes(wire.switch)),
    )
    frame.slots = joined(inFrame).sort((a, b) => order.compare(placeOf(a), placeOf(b)))
    frames.push(frame)
  }
  return frames
}

/** What is not added yet is known by its MACs alone: those in the same height units are one server's. */
function joined(slots: readonly Slot[]): Slot[] {
  const kept: Slot[] = []
  for (const slot of slots) {
    const place = placeIn(slot)
    const same = kept.find(
      (one) => slot.host === null && one.host === null && place !== null && placeIn(one)?.unit === place.unit,
    )
    if (same) same.wires.push(...slot.wires)
    else kept.push({ ...slot, wires: [...slot.wires] })
  }
  return kept
}

const placeOf = ({ wires }: Slot) => `${wires[0]?.switch.address ?? ''} ${wires[0]?.port ?? ''}`
