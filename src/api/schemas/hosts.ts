import { z } from 'zod'
import { erasePolicy, line, mac, name, page, pageQuery, time } from './common.ts'
import { operation } from './operations.ts'

export const bmcProtocol = z.enum(['auto', 'ipmi', 'redfish', 'maas', 'manual'])

const fingerprint = z
  .string()
  .min(64)
  .max(95)
  .regex(/^[0-9A-Fa-f:]+$/, 'must be the SHA-256 fingerprint of a certificate in hex')

const sshFingerprint = z
  .string()
  .min(43)
  .max(51)
  .regex(/^(SHA256:)?[A-Za-z0-9+/]{43}=?$/, 'must be the SHA-256 fingerprint of an SSH key: SHA256:…')
  .describe(
    'SHA-256 of the SSH host key that you have compared and trust, for a serial console by SSH; Redfish only',
  )

const system = line(128).describe("Redfish's Id of the system, for a BMC that has several")

const kg = z
  .string()
  .min(2)
  .max(40)
  .regex(/^([0-9A-Fa-f]{2})+$/, 'must be an even number of hex digits')
  .describe('RMCP+ key K_g in hex')

/** All needed with the protocols that reach the BMC from here, none with maas and manual. */
const bmcFields = {
  address: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[0-9A-Za-z.:[\]-]+$/, 'must be an address or a name, e.g. 10.0.0.7')
    .optional()
    .describe("address or address:port; without one it is the protocol's own, 623 for IPMI, 443 for Redfish"),
  username: line(64).optional(),
  password: line(256).optional(),
  protocol: bmcProtocol
    .optional()
    .describe('auto: what the BMC is found to speak. maas: MAAS switches the host. manual: a person does'),
}

/** Absent: as it is. */
export const bmcChange = z
  .strictObject({
    ...bmcFields,
    system: system.nullable().optional(),
    kg: kg.nullable().optional(),
    sshFingerprint: sshFingerprint.nullable().optional(),
  })
  .meta({ id: 'BmcChange' })

export const trustBody = z.strictObject({ fingerprint }).meta({ id: 'TrustBmc' })

export const confirmPowerBody = z.strictObject({ power: z.enum(['on', 'off']) }).meta({ id: 'ConfirmPower' })

export const confirmBootDeviceBody = z
  .strictObject({ bootDevice: z.enum(['network', 'disk']) })
  .meta({ id: 'ConfirmBootDevice' })

const rackUnit = z.int().min(1).max(100).describe('Height units of its rack, from the floor')

export const newHost = z
  .strictObject({
    name,
    bmc: z.strictObject({
      ...bmcFields,
      fingerprint: fingerprint
        .optional()
        .describe('SHA-256 of the certificate that you have compared and trust; Redfish only'),
      sshFingerprint: sshFingerprint.optional(),
      system: system.optional(),
      kg: kg.optional(),
    }),
    bootMac: mac.describe('MAC of the NIC that it boots from'),
    port: z
      .strictObject({
        switch: line(253).describe('Address of a switch of a rack configuration'),
        port: line(64),
        unit: rackUnit.optional(),
        units: rackUnit.optional(),
      })
      .optional()
      .describe(
        'Where that NIC is plugged in: one cable more in the rack configuration, in the same transaction. Absent: a rack file says it',
      ),
    cables: z
      .array(z.strictObject({ mac, switch: line(253), port: line(64) }))
      .max(16)
      .optional()
      .describe('Where its other NICs are plugged in, in the same way'),
    cpuCount: z.int().min(1).max(65536),
    cpuSpeedMhz: z.int().min(0).max(100_000).default(0),
    memoryMib: z.int().min(1).max(1_073_741_824),
    architecture: name.optional().describe('As MAAS writes it; amd64 if absent'),
    tags: z.array(name).max(64).default([]),
    systemId: name.optional().describe('Adopt exactly this machine of MAAS'),
    disksClean: z
      .strictObject({ reason: line(500) })
      .optional()
      .describe("A person's word instead of the first erase; who and why are recorded"),
  })
  .meta({ id: 'NewHost' })

const powerPolicy = z
  .enum(['report', 'enforce'])
  .describe(
    'When its power is not as it should be. report: an event, and attention; enforce: the instance is started or stopped, a host without one erased, by an ordinary operation',
  )

export const hostChange = z.strictObject({ powerPolicy }).meta({ id: 'HostChange' })

export const host = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z.enum([
      'removed',
      'read-only',
      'attention',
      'enlisting',
      'erasing',
      'in-use',
      'busy',
      'dirty',
      'available',
      'out-of-pool',
    ]),
    systemId: z.string().nullable().describe("MAAS's id of the machine"),
    bmc: z.object({
      address: z.string().nullable().describe('null: none that could be reached from here'),
      username: z.string(),
      protocol: bmcProtocol,
      found: z.enum(['ipmi', 'redfish']).nullable().describe('What protocol auto has found'),
      fingerprint: z.string().nullable().describe('SHA-256 of the certificate that a person has trusted'),
      sshFingerprint: z.string().nullable().describe('SHA-256 of the SSH host key that a person has trusted'),
      system: z.string().nullable(),
      kg: z.boolean().describe('It has a key K_g'),
    }),
    bootMac: z.string(),
    cpuCount: z.int(),
    cpuSpeedMhz: z.int().describe('0: not known'),
    memoryMib: z.int(),
    architecture: z.string(),
    tags: z.array(z.string()),
    rack: z
      .string()
      .nullable()
      .describe('Rack configuration of its first NIC that has a cable; null: none has'),
    nics: z.array(
      z.object({
        name: z.string(),
        mac: z.string(),
        switch: z.string().nullable(),
        port: z.string().nullable(),
      }),
    ),
    disks: z.array(
      z.object({
        name: z.string(),
        serial: z.string(),
        model: z.string(),
        size: z.number().describe('Bytes'),
      }),
    ),
    power: z.object({
      state: z.enum(['on', 'off', 'unknown']).describe('unknown is never to be taken as off'),
      at: time.nullable().describe('Of the reading'),
      since: time.nullable().describe('In this state since'),
      lastKnown: z
        .object({ state: z.enum(['on', 'off']), at: time })
        .nullable()
        .describe('What was seen last'),
      failure: z
        .object({
          code: z.string(),
          message: z.string(),
          remedy: z.string(),
          looks: z.int().describe('Looks that failed in a row'),
          nextLook: time.nullable(),
        })
        .nullable()
        .describe('Why the newest looks at its BMC failed'),
    }),
    powerPolicy,
    dirty: z.boolean().describe('Its disks are not proven erased'),
    lastErase: z
      .object({ at: time, proven: z.boolean() })
      .nullable()
      .describe('Of the newest certificate; null: there is none'),
    instanceId: z.string().nullable(),
    operationId: z.string().nullable(),
    attention: z
      .object({ code: z.string(), message: z.string(), remedy: z.string(), since: time })
      .nullable(),
  })
  .meta({ id: 'Host' })

export const hosts = page(host).meta({ id: 'Hosts' })

export const hostsQuery = pageQuery.extend({
  rack: name.optional().describe('Only those that are wired to a switch of this rack configuration'),
})

export const hostAccepted = z.object({ host, operation }).meta({ id: 'HostAccepted' })

export const eraseBody = z.strictObject({ erase: erasePolicy.optional() }).nullish()

export const certificates = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        hostId: z.string(),
        operationId: z.string(),
        instanceId: z.string().nullable(),
        proven: z.boolean(),
        body: z.unknown().describe('The evidence, disk by disk'),
        at: time,
      }),
    ),
  })
  .meta({ id: 'Certificates' })
