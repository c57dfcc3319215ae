import type { Device, DeviceType, NetboxRack } from './netbox-objects.ts'

/** Where a device stands, in height units from the floor of its rack, and how many it takes. */
export interface Height {
  unit: number
  units: number
}

/**
 * NetBox's position is the device's lowest number; numbers begin at the rack's `starting_unit`, at its floor or, with
 * `desc_units`, at its top. Half units are no places of the rack file. Null: NetBox does not say where it stands.
 */
export function heightOf(
  { position, rack, device_type }: Device,
  racks: ReadonlyMap<number, NetboxRack>,
  types: ReadonlyMap<number, DeviceType>,
): Height | null {
  const place = racks.get(rack?.id ?? 0)
  const height = types.get(device_type?.id ?? 0)?.u_height ?? 0
  if (place === undefined || position == null || height === 0) return null
  const units = Math.ceil(height)
  const first = Math.floor(position) - place.starting_unit + 1
  const unit = place.desc_units ? place.u_height - first - units + 2 : first
  return unit < 1 ? null : { unit, units }
}
