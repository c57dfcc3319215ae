import { z } from 'zod'

const brief = z.looseObject({ id: z.number(), name: z.string().nullable().optional() })
const slugged = z.looseObject({ slug: z.string() })

/** dcim/racks */
export const rackObject = z.looseObject({
  id: z.number(),
  name: z.string(),
  u_height: z.number().default(42),
  desc_units: z.boolean().default(false),
  starting_unit: z.number().default(1),
})
export type NetboxRack = z.output<typeof rackObject>

/** dcim/device-types */
export const deviceTypeObject = z.looseObject({ id: z.number(), u_height: z.number() })
export type DeviceType = z.output<typeof deviceTypeObject>

/** dcim/devices. The role was called `device_role` before 4.0. */
export const deviceObject = z.looseObject({
  id: z.number(),
  name: z.string().nullable(),
  role: slugged.nullish(),
  device_role: slugged.nullish(),
  platform: slugged.nullish(),
  rack: brief.nullish(),
  /** Its lowest number in the rack; null: nobody has said where it stands. */
  position: z.number().nullish(),
  device_type: z.looseObject({ id: z.number() }).nullish(),
  primary_ip: z.looseObject({ address: z.string() }).nullish(),
  custom_fields: z.record(z.string(), z.unknown()).default({}),
})
export type Device = z.output<typeof deviceObject>

/** dcim/interfaces. Since 4.2 an interface may have several MACs, and one of them is its primary one. */
export const interfaceObject = z.looseObject({
  id: z.number(),
  name: z.string(),
  device: brief,
  mac_address: z.string().nullish(),
  primary_mac_address: z.looseObject({ mac_address: z.string() }).nullish(),
  mgmt_only: z.boolean().default(false),
  enabled: z.boolean().default(true),
  untagged_vlan: z.looseObject({ vid: z.number() }).nullish(),
  cable: z.looseObject({ id: z.number() }).nullish(),
  /** The other end behind all patch panels; null where there is none yet. */
  connected_endpoints: z.array(z.looseObject({ id: z.number(), device: brief.optional() })).nullish(),
  connected_endpoints_type: z.string().nullish(),
})
export type Interface = z.output<typeof interfaceObject>

/** dcim/cables */
export const cableObject = z.looseObject({
  id: z.number(),
  status: z.looseObject({ value: z.string() }).nullish(),
})

/** ipam/vlan-groups: ranges since 4.1, one with two ends before. */
export const vlanGroupObject = z.looseObject({
  slug: z.string(),
  vid_ranges: z.array(z.tuple([z.number(), z.number()])).optional(),
  min_vid: z.number().optional(),
  max_vid: z.number().optional(),
})
