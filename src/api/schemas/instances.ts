import { z } from 'zod'
import { fingerprintForm } from '../../domain/plan-fingerprint.ts'
import { erasePolicy, line, mac, name, page, time, uuid } from './common.ts'
import { operation } from './operations.ts'

export const nicRequest = z
  .strictObject({
    network: line(255).describe('Name or id of the network'),
    mac: mac.optional().describe('The MAC that CloudStack allocated; one is made if absent'),
    id: uuid.optional().describe("CloudStack's id of the NIC"),
    isDefault: z.boolean().optional().describe('The first NIC is the default unless another says so'),
  })
  .meta({ id: 'NicRequest' })

export const newInstance = z
  .strictObject({
    name,
    template: line(255).describe('Name or id'),
    offering: line(255).describe('Name or id'),
    nics: z.array(nicRequest).max(64),
    erase: erasePolicy.optional().describe('How its disks are erased in the end'),
    hostname: line(253).optional(),
    tenant: line(200).optional().describe('Whose it is, for people; CloudStack says it of its own VMs'),
    dataDisks: z.array(z.unknown()).max(64).optional().describe('Always refused: a server has its own disks'),
  })
  .meta({ id: 'NewInstance' })

export const newDeploy = newInstance
  .extend({
    expectedPlan: line(127)
      .regex(fingerprintForm, 'must be the fingerprint of a plan')
      .optional()
      .describe(
        'Fingerprint of the plan that was looked at: the deploy is that plan, or is refused with plan-changed and begins nothing',
      ),
  })
  .meta({ id: 'NewDeploy' })

export const instance = z
  .object({
    id: z.string(),
    name: z.string(),
    externalId: z.string().nullable().describe("CloudStack's id of it"),
    tenant: z
      .string()
      .nullable()
      .describe('Whose it is: domain/account, or domain/project, where CloudStack says it; null: not known'),
    state: z.enum([
      'deploying',
      'running',
      'stopping',
      'stopped',
      'undoing',
      'failed',
      'destroying',
      'parked',
      'destroyed',
    ]),
    hostId: z.string().nullable(),
    host: z.string().nullable(),
    templateId: z.string(),
    template: z.string().nullable(),
    offeringId: z.string(),
    offering: z.string().nullable(),
    nics: z.array(
      z.object({
        id: z.string(),
        networkId: z.string(),
        network: z.string().nullable(),
        mac: z.string(),
        vlan: z.int(),
        isDefault: z.boolean(),
        ip6: z
          .string()
          .optional()
          .describe("Its IPv6 address in CloudStack's records, with the prefix length"),
      }),
    ),
    erase: erasePolicy.nullable(),
    hostname: z.string(),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
    createdAt: time,
    clearAt: time
      .nullable()
      .describe('The host left every tenant VLAN and is off; disks may still be wiping'),
  })
  .meta({ id: 'Instance' })

const sideRow = z.object({
  about: z.enum(['state', 'nic', 'port']),
  thing: z.string(),
  cloudstack: z.string().nullable().describe('As CloudStack has it; null: not seen, or it has no say in it'),
  ferrule: z.string().nullable().describe('As our records have it; null: it cannot be said now'),
  switch: z.string().nullable().describe('What the switch carries; null: not seen, or it has no say in it'),
  switchSeenAt: time.nullable(),
  differs: z.boolean(),
})

const threeSides = z
  .object({
    isOfCloudstack: z.boolean().describe('It was deployed through CloudStack, which has a say in it'),
    agree: z.boolean().nullable().describe('Null: not known, and `unsure` says why'),
    unsure: z.string().nullable(),
    cloudstackSeenAt: time.nullable().describe('Null: not looked at since its last change'),
    rows: z.array(sideRow),
  })
  .meta({ id: 'ThreeSides' })

export const instanceWithSides = instance
  .extend({
    sides: threeSides.describe(
      "CloudStack's records × ours × what the switches carry, as the newest looks saw them; no device is asked",
    ),
  })
  .meta({ id: 'InstanceWithSides' })

export const instances = page(instance).meta({ id: 'Instances' })

export const instanceAccepted = z.object({ instance, operation }).meta({ id: 'InstanceAccepted' })

export const instanceGone = z
  .object({ instance, operation: operation.nullable() })
  .meta({ id: 'InstanceGone' })

export const reinstallFields = {
  template: line(255).optional().describe('Name or id; its own if absent'),
  erase: erasePolicy.optional().describe('How the old system is erased'),
}

export const reinstallBody = z.strictObject(reinstallFields).nullish()

export const eraseQuery = z.strictObject({ erase: erasePolicy.optional() })

export type InstanceJson = z.infer<typeof instance>
