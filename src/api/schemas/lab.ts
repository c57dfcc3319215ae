import { z } from 'zod'
import { line } from './common.ts'

const vlanless = z.int().nullable()

export const labView = z
  .object({
    timeScale: z.number().describe('Virtual seconds per real one'),
    targets: z.array(
      z.object({
        path: z
          .string()
          .describe('maas, cloudstack/server, bmc/NAME, redfish/NAME, machine/NAME, switch/NAME'),
        dials: z.array(
          z.object({
            name: z.string(),
            value: z.unknown(),
            rest: z.unknown().describe('What it is when nothing is wrong'),
          }),
        ),
      }),
    ),
    machines: z.array(
      z.object({
        name: z.string(),
        rack: z.string(),
        power: z.enum(['on', 'off']),
        runs: z.string(),
        maas: z.string().nullable(),
        nics: z.array(
          z.object({
            name: z.string(),
            mac: z.string(),
            switch: z.string(),
            port: z.string(),
            linkUp: z.boolean().describe('False: its cable is pulled'),
            untagged: vlanless,
            tagged: z.array(z.int()),
          }),
        ),
        disks: z.array(
          z.object({
            name: z.string(),
            size: z.number(),
            blank: z.boolean(),
            readOnly: z.boolean().describe('It takes writes and keeps nothing'),
          }),
        ),
      }),
    ),
    switches: z.array(z.object({ name: z.string(), address: z.string() })),
  })
  .meta({ id: 'Lab' })

const part = line(60).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a name of the lab')
const place = z.strictObject({ machine: part, nic: part })

/** What a person, or fate, does in the room. */
export const labAct = z
  .discriminatedUnion('do', [
    z.strictObject({
      do: z.literal('dial'),
      target: line(120).regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/,
        'must be a path of targets',
      ),
      dials: z.record(z.string(), z.unknown()),
    }),
    z.strictObject({ do: z.literal('calm').describe('Every dial back to no fault') }),
    z.strictObject({ do: z.literal('time'), scale: z.number().min(0.1).max(100_000) }),
    z.strictObject({ do: z.literal('cable'), machine: part, nic: part, up: z.boolean() }),
    z.strictObject({ do: z.literal('swap'), one: place, other: place }),
    z.strictObject({ do: z.literal('button'), machine: part, press: z.enum(['power', 'reset']) }),
    z.strictObject({ do: z.literal('restart-bmc'), machine: part }),
    z.strictObject({ do: z.literal('reboot-switch'), switch: part }),
    z
      .strictObject({
        do: z.literal('foreign-edit'),
        switch: part,
        port: line(60).regex(/^[A-Za-z0-9]/, 'must be a port of the switch'),
        vlan: z.int().min(1).max(4094),
      })
      .describe('Somebody else puts a port into a VLAN at the console of the switch, and does not save'),
    z.strictObject({ do: z.literal('restart-cloudstack') }),
  ])
  .meta({ id: 'LabAct' })
