import { z } from 'zod'
import { line, page, pageQuery, time } from './common.ts'

const switchLook = z.object({
  at: time.nullable().describe('When it last answered'),
  failure: z.string().nullable().describe('Why the newest look saw nothing'),
  drift: z.array(
    z.object({
      host: z.string(),
      port: z.string(),
      wanted: z.string(),
      running: z.string(),
      saved: z.string().describe('What it would be after a restart of the switch'),
      since: time,
    }),
  ),
})

const switchHealth = z
  .object({
    state: z
      .enum(['closed', 'open', 'half-open'])
      .describe('Open: left alone, calls fail at once; half-open: the next call shows whether it answers'),
    failures: z.int().describe('Calls without an answer since the last one that had one'),
    nextTry: time.nullable(),
    lastError: z.string().nullable(),
  })
  .describe('Whether the replica that is asked can reach it')

const switchWatch = z
  .object({
    state: z
      .enum(['subscribed', 'polled', 'lost', 'refused'])
      .describe(
        'subscribed: the switch tells each change of its ports at once. The others are looked at once per observers.portsEvery: polled, for the protocol does not push; lost, a subscription broke and is made again; refused, the switch does not want it',
      ),
    since: time.nullable().describe('Null: polled'),
    failure: z.string().nullable().describe('What ended the newest subscription'),
  })
  .describe("How somebody else's change of a port is noticed, by the replica whose switch it is")

const rackPlace = z
  .object({ unit: z.int(), units: z.int() })
  .nullable()
  .describe(
    'The lowest height unit that it takes, counted from the floor of its rack, and how many; null: the rack file does not say',
  )

export const rack = z
  .object({
    name: z.string(),
    appliedAt: time,
    switches: z.array(
      z.object({
        id: z.string(),
        address: z.string(),
        type: z.string(),
        username: z.string(),
        pxeVlan: z.int(),
        quarantineVlan: z.int(),
        vlanRange: z.object({ from: z.int(), to: z.int() }),
        lagRange: z
          .object({ from: z.int(), to: z.int() })
          .nullable()
          .describe('The LAGs that Ferrule makes and dissolves there; null: none'),
        place: rackPlace,
        ports: z.array(
          z.object({
            port: z.string(),
            member: z
              .string()
              .nullable()
              .describe('The port of the NIC itself, where `port` is a LAG that people made'),
            mac: z.string(),
            place: rackPlace,
          }),
        ),
        look: switchLook.nullable().describe('The last look at its ports; null: there was none yet'),
        watch: switchWatch,
        health: switchHealth.nullable().describe('Null: this replica has not spoken to it yet'),
      }),
    ),
  })
  .meta({ id: 'Rack' })

export const racksQuery = pageQuery.extend({
  text: line(100)
    .optional()
    .describe("Part of the rack configuration's name or of a switch's address, in any case"),
})

export const racks = page(rack).meta({ id: 'Racks' })

const place = z.object({ switch: z.string(), port: z.string() })

const cable = z.object({
  mac: z.string(),
  machine: z.string().nullable().describe('Its name in MAAS'),
  nic: z.string().nullable(),
  declared: place.nullable(),
  seen: place.nullable().describe('By LLDP, when the machine was last commissioned; null: nothing was heard'),
  learned: z
    .array(
      place.extend({
        by: z
          .enum(['fdb', 'lldp'])
          .describe('fdb: frames of it came in there; lldp: it announces itself there, whatever runs above'),
      }),
    )
    .describe(
      'Where the switches say that it is by now, in the PXE VLAN; several: one is old, and none counts. Empty in the summary of the site, for which no switch is asked',
    ),
  verdict: z.enum(['as-declared', 'swapped', 'elsewhere', 'undeclared', 'unseen', 'unknown-nic']),
})

export const rackCables = z
  .object({
    rack: z.string(),
    well: z.boolean().describe('No cable was seen elsewhere than the rack file says'),
    cables: z.array(cable),
    silent: z
      .array(z.object({ switch: z.string(), by: z.enum(['fdb', 'lldp']), reason: z.string() }))
      .describe('Switches that did not tell what they have learned (fdb), or who announces himself (lldp)'),
  })
  .meta({ id: 'RackCables' })

export const cableSummary = z
  .object({
    at: time.nullable().describe('When MAAS was read; null: it is being read for the first time'),
    reading: z.boolean().describe('A newer reading is under way'),
    fault: z
      .object({ message: z.string(), remedy: z.string() })
      .nullable()
      .describe('Why the newest reading failed'),
    cables: z.int().describe('In all rack files'),
    heard: z.int().describe('Of how many LLDP told where they are'),
    lieCount: z.int(),
    lies: z.array(cable.extend({ rack: z.string() })).describe('50 at most'),
  })
  .meta({ id: 'CableSummary' })

export const rackDiscovery = z
  .object({
    racks: z
      .array(
        z.object({
          name: z.string(),
          l2Switch: z.object({
            ip: z.string(),
            username: z.string(),
            password: z.object({ ref: z.string() }),
            type: z.string(),
          }),
          hosts: z.array(z.object({ mac: z.string(), port: z.string() })),
        }),
      )
      .describe('As in a rack file; USER and TYPE are to be filled in'),
    notes: z.array(z.string()).describe('What is missing in it, and why'),
  })
  .meta({ id: 'RackDiscovery' })

const cablePlace = z.object({ switch: z.string(), port: z.string() }).nullable()

export const rackCheck = z
  .object({
    switches: z.int(),
    cables: z.int(),
    changes: z
      .array(z.object({ mac: z.string(), before: cablePlace, after: cablePlace }))
      .describe('Cables by the MAC at their one end; null: there was none, or is to be none'),
  })
  .meta({ id: 'RackCheck' })
