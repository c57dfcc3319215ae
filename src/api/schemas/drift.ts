import { z } from 'zod'

export const healFields = {
  power: z.boolean().optional().describe('Also switch the host on or off; without it power is only reported'),
}

export const healBody = z.strictObject(healFields).nullish()

const port = z.object({
  mode: z.enum(['access', 'trunk']),
  untagged: z.int().nullable(),
  tagged: z.array(z.int()),
  enabled: z.boolean(),
  lag: z.int().nullable().describe('The LACP group that it is a member of'),
})

export const switchPorts = z
  .object({
    switch: z.string(),
    rack: z.string(),
    ports: z.array(
      z.object({
        port: z.string(),
        mac: z.string().describe('Of the NIC that the rack file says hangs on it'),
        host: z.string().nullable().describe('Null: no host with this NIC is added'),
        nic: z.string().nullable(),
        wanted: port.nullable().describe('Null: nobody can say now'),
        running: port.nullable().describe('Null: the switch does not show it'),
        saved: port.nullable().describe('What it would be after a restart of the switch'),
        differs: z.boolean().describe('Running or saved is not as wanted'),
      }),
    ),
  })
  .meta({ id: 'SwitchPorts' })

export const drift = z
  .object({
    host: z.string(),
    instance: z.string().nullable(),
    because: z.string().nullable().describe('Whose state is wanted'),
    unknown: z.string().nullable().describe('Why nothing can be compared now'),
    ports: z.array(
      z.object({
        switch: z.string(),
        port: z.string(),
        nic: z.string().nullable().describe('Null: no NIC is wired to it any more, but the ledger knows it'),
        wanted: port.nullable(),
        running: port.nullable().describe('Null: the switch did not answer'),
        saved: port.nullable().describe('What it would be after a restart of the switch'),
      }),
    ),
    bootDevice: z.object({
      wanted: z.string().nullable(),
      seen: z.object({ device: z.string(), persistent: z.boolean(), valid: z.boolean() }).nullable(),
    }),
    power: z.object({ wanted: z.string().nullable(), seen: z.enum(['on', 'off', 'unknown']) }),
    maas: z.object({ wanted: z.string().nullable(), seen: z.string().nullable() }),
    differences: z.array(
      z.object({
        about: z.enum(['port', 'saved-port', 'boot-device', 'power', 'maas']),
        thing: z.string(),
        wanted: z.string(),
        seen: z.string(),
        remedy: z.enum(['heal', 'heal --power', 'person']).describe('What puts it right'),
      }),
    ),
    unread: z.array(z.object({ thing: z.string(), message: z.string() })).describe('What did not answer'),
  })
  .meta({ id: 'Drift' })
