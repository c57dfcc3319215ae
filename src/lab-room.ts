import { z } from 'zod'
import type { LabAct, LabRoom, LabView } from './api/lab.ts'
import { FerruleError } from './domain/errors.ts'

const patienceMs = 10_000

const port = z.object({ enabled: z.boolean(), untagged: z.number().nullable(), tagged: z.array(z.number()) })
const machine = z.object({
  name: z.string(),
  rack: z.string(),
  power: z.enum(['on', 'off']),
  running: z.object({ kind: z.string() }),
  nics: z.array(
    z.object({
      name: z.string(),
      mac: z.string(),
      cable: z.object({ switch: z.string(), port: z.string() }),
      linkUp: z.boolean(),
      port,
    }),
  ),
  disks: z.array(z.object({ name: z.string(), size: z.number(), blank: z.boolean(), readOnly: z.boolean() })),
  maas: z.object({ status: z.string() }).nullable(),
})
const dials = z.record(z.string(), z.unknown())
const shapes = {
  time: z.object({ scale: z.number() }),
  dials: z.array(z.object({ path: z.string(), dials, rest: dials })),
  machines: z.array(machine),
  switches: z.array(z.object({ name: z.string(), address: z.string() })),
}

/**
 * The room of the lab that this Ferrule runs on, through the lab's control API. Only what is listed here gets through:
 * that API also tells every password.
 *
 * @param control its address; the configuration admits loopback addresses only
 */
export function openLabRoom(control: string): LabRoom {
  async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${control.replace(/\/$/, '')}${path}`, {
      method,
      signal: AbortSignal.timeout(patienceMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw unreachable(control, String(error))
    })
    const json: unknown = await answer.json().catch(() => null)
    if (answer.ok) return json
    const said = z.object({ error: z.string() }).safeParse(json)
    throw new FerruleError(
      answer.status < 500 ? 'invalid-input' : 'lab-unreachable',
      `the lab says: ${said.success ? said.data.error : `status ${answer.status}`}`,
      'Look at what the lab has ("GET /api/v1/lab").',
    )
  }
  async function read<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.infer<Shape>> {
    const found = shape.safeParse(await ask('GET', path))
    if (!found.success) throw unreachable(control, `${path} answers in another shape`)
    return found.data
  }
  return {
    async view(): Promise<LabView> {
      const [{ scale }, targets, machines, switches] = await Promise.all([
        read('/time', shapes.time),
        read('/dials', shapes.dials),
        read('/machines', shapes.machines),
        read('/switches', shapes.switches),
      ])
      return {
        timeScale: scale,
        targets: targets.map(({ path, dials, rest }) => ({
          path,
          dials: Object.entries(dials).map(([name, value]) => ({ name, value, rest: rest[name] ?? null })),
        })),
        machines: machines.map(({ running, maas, nics, ...rest }) => ({
          ...rest,
          runs: running.kind,
          maas: maas?.status ?? null,
          nics: nics.map(({ cable, port: { untagged, tagged }, ...nic }) => ({
            ...nic,
            switch: cable.switch,
            port: cable.port,
            untagged,
            tagged,
          })),
        })),
        switches,
      }
    },
    async act(what: LabAct): Promise<void> {
      const name = encodeURIComponent
      switch (what.do) {
        case 'dial':
          await ask('PUT', `/faults/${what.target.split('/').map(name).join('/')}`, what.dials)
          return
        case 'calm':
          await ask('DELETE', '/faults')
          return
        case 'time':
          await ask('PUT', '/time', { scale: what.scale })
          return
        case 'cable':
          await ask('POST', `/machines/${name(what.machine)}/nics/${name(what.nic)}/link`, { up: what.up })
          return
        case 'swap':
          await ask('POST', '/cables/swap', { one: what.one, other: what.other })
          return
        case 'button':
          await ask('POST', `/machines/${name(what.machine)}/button`, { press: what.press })
          return
        case 'restart-bmc':
          await ask('POST', `/machines/${name(what.machine)}/bmc/restart`)
          return
        case 'reboot-switch':
          await ask('POST', `/switches/${name(what.switch)}/reboot`)
          return
        case 'foreign-edit':
          await ask('POST', `/switches/${name(what.switch)}/ports/${name(what.port)}/foreign-edit`, {
            vlan: what.vlan,
          })
          return
        case 'restart-cloudstack':
          await ask('POST', '/cloudstack/restart')
      }
    },
  }
}

function unreachable(control: string, seen: string): FerruleError {
  return new FerruleError(
    'lab-unreachable',
    `the lab at ${control} does not answer: ${seen}`,
    'Is it still running? "npm start" starts both.',
  )
}
