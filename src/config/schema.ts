import { z } from 'zod'
import { bondModes } from '../domain/bond-plan.ts'
import { macPolicies } from '../domain/mac-policy.ts'
import { durationPattern, parseDuration } from './durations.ts'
import { isSecretRef, secretRefPattern } from './secrets-ref.ts'

/** CloudStack's own names for its two settings, as the operator finds them in CloudStack. */
export const classnameSetting = 'external.baremetal.resource.classname'
export const systemUrlSetting = 'external.baremetal.system.url'

function duration(text: string, description: string) {
  return z
    .string()
    .regex(durationPattern, 'is no duration such as 90s, 40m or 1.5h')
    .transform(parseDuration)
    .prefault(text)
    .describe(`${description} A duration such as 250ms, 90s, 40m, 1.5h or 2d.`)
}

function secretRef(description: string) {
  return (
    z
      .string()
      .regex(secretRefPattern, 'is no reference to a secret')
      // The pattern has just been proven; this tells the type.
      .transform((text) => (isSecretRef(text) ? text : z.NEVER))
      .describe(`${description} A reference: env:NAME or file:/path (mode 0600).`)
  )
}

const vlan = z.int().min(1).max(4094).describe('A VLAN id, 1 to 4094.')

const settings = {
  [classnameSetting]: z
    .string()
    .optional()
    .describe(
      'As in CloudStack. org.apache.cloudstack.compute.maas.MaasResourceProvider enables Ferrule; without it every provisioning call is refused.',
    ),
  [systemUrlSetting]: z
    .string()
    .optional()
    .describe('As in CloudStack: MaasIP=…;MaasKey=…;MaasSecret=…;MaasConsumerKey=…. Instead of maas.'),
}

const network = z
  .strictObject({
    pxeVlan: vlan.describe('The VLAN of MAAS with its DHCP, where resting hosts are.'),
    quarantineVlan: vlan.describe('A VLAN without any service, for hosts that cannot be trusted to be off.'),
    vlanRange: z
      .strictObject({ from: vlan, to: vlan })
      .describe('The VLANs that Ferrule may put on ports for tenants.'),
    uplinks: z
      .record(z.string(), z.array(z.string()))
      .prefault({})
      .describe('By switch address: ports that Ferrule must never write.'),
  })
  .describe('Fences for every rack; a rack file may narrow them.')

const deadlines = z.strictObject({
  commission: duration('60m', 'Commissioning of a new host.'),
  deploy: duration('60m', 'From the deploy call until MAAS says Deployed.'),
  handOver: duration('15m', 'From Deployed until the server has switched itself off.'),
  claim: duration('10m', 'For CloudStack to come back for a server that it asked for.'),
  erase: duration(
    '36h',
    'Erasing of all disks; a full pass over large rotating disks takes more than a day.',
  ),
  pxeSign: duration('10m', 'For the first sign of a network boot at an erase.'),
  powerSettle: duration('60s', 'From a power command until the BMC reports the new state.'),
  release: duration('15m', 'A release without erase, and the abort of a deployment.'),
  person: duration(
    '15m',
    'For a person who was asked to switch a host, or to set its boot device; then the step is tried again. Not scaled.',
  ),
  personWord: duration('10m', 'How long a person’s word about the power of a host counts. Not scaled.'),
  deviceTimeout: duration(
    '30s',
    'The longest that a call of a replica that died may still be under way. Not scaled.',
  ),
  switchLease: duration(
    '60s',
    'How long a replica keeps a switch for itself after its last write. Not scaled.',
  ),
})

const portDrift = z.enum(['report', 'heal'])

const poll = z.strictObject({
  maas: duration('5s', 'Between two looks at a machine in MAAS while an operation waits for it.'),
  power: duration('2s', "Between two looks at a host's power while an operation waits for it."),
  lease: duration('100ms', 'Between two tries for a switch that another replica writes. Not scaled.'),
})

const cloudstack = z
  .strictObject({
    hosts: z
      .strictObject({
        act: z
          .enum(['report', 'enlist'])
          .prefault('report')
          .describe(
            "What is done about CloudStack's hosts that stand for one machine each: told only, or enlisted when they are new and taken out of the pool when they are gone. Needs cloudstack.api.",
          ),
        bmcNetworks: z
          .array(z.union([z.cidrv4(), z.cidrv6()], { error: 'is no network like 10.0.0.0/16' }))
          .prefault([])
          .describe(
            'Networks in which the detail bmc_address may be: to an address elsewhere no password is sent. Without them none is sent to any.',
          ),
        passwords: z
          .string()
          .min(1)
          .optional()
          .describe('Folder with a file for each BMC password; the detail bmc_password names one of them.'),
        passwordEnv: z
          .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable'))
          .prefault([])
          .describe('Environment variables that the detail bmc_password may name as env:NAME.'),
        oldUsername: z
          .string()
          .max(64)
          .prefault('')
          .describe(
            "User of the BMCs of hosts that were added with addBaremetalHost: CloudStack shows it to nobody. Their passwords are in files that have the BMC's address for a name.",
          ),
      })
      .prefault({})
      .describe("CloudStack's hosts with a BMC and a MAC in their details."),
    racks: z
      .strictObject({
        act: z
          .enum(['report', 'apply'])
          .prefault('report')
          .describe(
            "What is done about the rack configuration that CloudStack has (addBaremetalRct): told only, or applied here as rack configuration 'cloudstack'. Needs cloudstack.api.",
          ),
        urls: z
          .array(z.url({ protocol: /^https?$/, error: 'is no http or https address' }))
          .prefault([])
          .describe('How addresses begin from which such a file is taken. Without them none is.'),
      })
      .optional()
      .describe('Rack configurations of the old bare-metal plugin. Without it they are not looked at.'),
    macPolicy: z
      .enum(macPolicies)
      .prefault('cloudstack')
      .describe(
        'Whose MAC the default NIC of a VM has: the one that CloudStack allocated, or the own one of the host that is chosen. The detail External:mac_policy of a VM, template, offering or host goes before it.',
      ),
    api: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/, error: 'is no http or https address' })
          .describe('https://cloud.example/client/api'),
        key: secretRef('The API key of a root administrator.'),
        secret: secretRef('Its secret key.'),
        every: duration('60s', "Between two looks at CloudStack's own records."),
        extension: z.string().min(1).prefault('ferrule').describe("The extension's name in CloudStack."),
        webhookSecret: secretRef(
          "The secret key of CloudStack's webhook for /cloudstack/webhook; without it none is taken.",
        ).optional(),
      })
      .optional()
      .describe(
        "CloudStack's API, for what its extension is never told, and for ferrule cloudstack install.",
      ),
    listen: z
      .strictObject({
        host: z.string().min(1).prefault('0.0.0.0'),
        port: z.int().min(0).max(65_535).prefault(8421).describe('0 takes any free port.'),
        certificate: z
          .string()
          .min(1)
          .describe('File with the certificate, and those that lead to its authority, in PEM.'),
        key: secretRef("The certificate's private key in PEM."),
      })
      .optional()
      .describe(
        'HTTPS for the extension on other management servers; each call carries a token of role cloudstack.',
      ),
  })
  .describe("CloudStack's extension and API.")

/** `ferrule.yaml`. Everything has a default, or may be absent. */
export const configSchema = z.strictObject({
  installation: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'may only hold a-z, 0-9 and -')
    .max(40)
    .prefault('main')
    .describe(
      'Names this Ferrule in MAAS (tag ferrule-NAME), so that two on one MAAS leave each other alone.',
    ),
  listen: z
    .strictObject({
      host: z.string().min(1).prefault('127.0.0.1'),
      port: z.int().min(0).max(65_535).prefault(8420).describe('0 takes any free port.'),
      url: z
        .url({ protocol: /^https?$/, error: 'is no http or https address' })
        .optional()
        .describe(
          "Where people and other replicas reach this one, e.g. https://ferrule.example; for links to hosts' consoles.",
        ),
    })
    .prefault({}),
  socket: z
    .string()
    .optional()
    .describe('Path of the unix socket for the CloudStack extension; default ferrule.sock in dataDir.'),
  cloudstack: cloudstack.prefault({}),
  dataDir: z
    .string()
    .min(1)
    .prefault('.ferrule')
    .describe('Database, keys and socket. A relative path starts at the folder of this file.'),
  database: z
    .strictObject({ url: secretRef('A PostgreSQL of your own instead of the bundled one.').optional() })
    .prefault({}),
  masterKey: secretRef(
    'The key that seals stored secrets: 32 bytes in base64 or hex. Without it one is made in dataDir.',
  ).optional(),
  settings: z.strictObject(settings).prefault({}).describe('The CloudStack settings; may also be top-level.'),
  ...settings,
  maas: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/, error: 'is no http or https address' })
        .describe('https://host:5240/MAAS'),
      key: secretRef('The API key, consumer:key:secret.'),
    })
    .optional(),
  network: network.optional(),
  erase: z
    .strictObject({
      policy: z
        .enum(['full', 'secure', 'quick'])
        .prefault('full')
        .describe('Unless offering or instance say otherwise.'),
    })
    .prefault({}),
  bond: z
    .strictObject({ mode: z.enum(bondModes).prefault('active-backup') })
    .prefault({})
    .describe(
      'How the NICs of a host are joined, where an offering does not say it. 802.3ad only fits hosts whose switch can be given a LAG.',
    ),
  hosts: z
    .strictObject({
      bmcProtocol: z
        .enum(['auto', 'ipmi', 'redfish', 'maas', 'manual'])
        .prefault('auto')
        .describe('How the BMC of a host is reached that is added without saying it.'),
    })
    .prefault({}),
  redfish: z
    .strictObject({
      keepAlive: z
        .boolean()
        .prefault(false)
        .describe('Keep the connection to a BMC between requests. Many BMCs do not bear it.'),
      sessionLinger: duration('150s', 'How long an idle session on a BMC is kept. Not scaled.'),
    })
    .prefault({}),
  boot: z.strictObject({ efi: z.boolean().prefault(true).describe('Boot flags ask for UEFI.') }).prefault({}),
  stop: z
    .strictObject({
      ports: z
        .enum(['park', 'keep-fixed'])
        .prefault('park')
        .describe(
          "What stop does with ports of networks whose VLAN is fixed; others' ports are always parked.",
        ),
      graceSeconds: z
        .number()
        .min(0)
        .max(3600)
        .prefault(120)
        .describe('For the operating system to end by itself before the power is cut.'),
    })
    .prefault({}),
  planner: z
    .strictObject({
      match: z
        .enum(['equal', 'atLeast'])
        .prefault('equal')
        .describe('Whether a host must have exactly the CPUs and memory of the offering, or may have more.'),
    })
    .prefault({}),
  images: z
    .strictObject({
      aliases: z
        .record(z.string(), z.string())
        .prefault({})
        .describe('More names for MAAS images, over the built-in centos7: centos/centos70.'),
    })
    .prefault({}),
  deadlines: deadlines.prefault({}),
  poll: poll.prefault({}),
  timeScale: z
    .number()
    .min(1)
    .prefault(1)
    .describe('How many times faster than the real one the world runs; more than 1 only for the lab.'),
  lab: z
    .strictObject({
      control: z
        .url({
          protocol: /^http$/,
          hostname: /^127\.\d+\.\d+\.\d+$/,
          error: 'is no http address on the loopback',
        })
        .describe("The lab's control API, for its page in the web interface."),
    })
    .optional()
    .describe(
      'Written by `npm start`. Never in production: who administers Ferrule may break what it names.',
    ),
  observers: z
    .strictObject({
      powerEvery: duration('60s', "Between two looks at every host's power."),
      portsEvery: duration('5m', "Between two looks at every switch's ports, running and saved."),
      portDrift: portDrift.prefault('report').describe('What is done about ports that are not as wanted.'),
      portDriftOf: z
        .record(z.string(), portDrift)
        .prefault({})
        .describe('By switch address: where that is another.'),
      powerAtOnce: z
        .int()
        .min(1)
        .max(10_000)
        .prefault(512)
        .describe('BMCs that one replica asks at the same time.'),
      powerPerSubnet: z
        .number()
        .min(0.1)
        .max(10_000)
        .prefault(50)
        .describe('BMCs of one subnet (/24 or /64) that one replica asks per second.'),
      keepBmcSessions: z
        .boolean()
        .prefault(false)
        .describe(
          'Keep the IPMI session from one look to the next: a third of the packets, and one of the sessions of each BMC taken all the time. Needs powerEvery of 45s or less.',
        ),
    })
    .prefault({})
    .describe('What is looked at in the background.'),
  replica: z
    .strictObject({ lease: duration('10s', 'Without a heartbeat for this long, a replica counts as dead.') })
    .prefault({}),
})

export type ParsedConfig = z.output<typeof configSchema>

/** What editors check `ferrule.yaml` against: what may be written, not what it becomes. */
export function configJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input' })
  return { $schema, title: 'ferrule.yaml', ...rest }
}
