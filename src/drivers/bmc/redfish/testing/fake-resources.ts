import { randomUUID } from 'node:crypto'
import { resetMachine } from './fake-machine.ts'
import { type FakeBmc, problem, type Reply, type Seen, user } from './fake-types.ts'

const service = '/redfish/v1'
export const systemPath = `${service}/Systems/1`
export const settingsPath = `${systemPath}/SD`
export const resetPath = `${systemPath}/Actions/ComputerSystem.Reset`

/** What a plain BMC answers, and what it does to its machine. */
export function serve(bmc: FakeBmc, ask: Seen): Reply {
  const path = (ask.path.split('?')[0] ?? '').replace(/(?<=.)\/$/, '')
  const { machine } = bmc
  switch (`${ask.method} ${path}`) {
    case `GET ${service}`:
      return ok({
        '@odata.id': `${service}/`,
        RedfishVersion: '1.15.0',
        Systems: { '@odata.id': `${service}/Systems` },
        ...(bmc.options.basicOnly
          ? {}
          : { Links: { Sessions: { '@odata.id': `${service}/SessionService/Sessions` } } }),
      })
    case `POST ${service}/SessionService/Sessions`:
      return openSession(bmc, ask)
    case `GET ${service}/Systems`:
      return ok({ Members: [{ '@odata.id': systemPath }], 'Members@odata.count': 1 })
    case `GET ${systemPath}`:
      return ok(systemOf(bmc), { ETag: `"v${machine.version}"` })
    case `PATCH ${systemPath}`:
      return change(bmc, ask, machine.boot)
    case `GET ${settingsPath}`:
      return machine.pendingBoot === null
        ? notFound(path)
        : ok({ '@odata.id': settingsPath, Boot: machine.pendingBoot }, { ETag: `"v${machine.version}"` })
    case `PATCH ${settingsPath}`:
      return machine.pendingBoot === null ? notFound(path) : change(bmc, ask, machine.pendingBoot)
    case `POST ${resetPath}`:
      resetMachine(machine, String(ask.body?.ResetType))
      return { status: 204 }
  }
  if (ask.method === 'DELETE' && bmc.sessions.delete(path)) return { status: 204 }
  return notFound(path)
}

function systemOf({ machine }: FakeBmc): unknown {
  return {
    '@odata.id': systemPath,
    Id: '1',
    Manufacturer: 'Contoso',
    Model: 'Server 9',
    SerialNumber: 'S-1',
    UUID: 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
    PowerState: machine.power,
    LastResetTime: machine.lastReset,
    Boot: machine.boot,
    ...machine.light,
    ...(machine.pendingBoot
      ? { '@Redfish.Settings': { SettingsObject: { '@odata.id': settingsPath } } }
      : {}),
    Actions: {
      '#ComputerSystem.Reset': {
        target: resetPath,
        ...(machine.allowed ? { 'ResetType@Redfish.AllowableValues': machine.allowed } : {}),
      },
    },
    ...machine.extra,
  }
}

/** As the standard says: with an If-Match that is not the present ETag, nothing is changed (DSP0266 §6.5). */
function change(bmc: FakeBmc, ask: Seen, boot: Record<string, unknown>): Reply {
  const condition = ask.headers['if-match']
  if (condition !== undefined && condition !== '*' && condition !== `"v${bmc.machine.version}"`)
    return { status: 412, body: problem('Base.1.8.PreconditionFailed', 'The ETag did not match.') }
  Object.assign(boot, ask.body.Boot ?? {})
  const { Boot: _, ...rest } = ask.body
  Object.assign(bmc.machine.light, rest)
  bmc.machine.version += 1
  return { status: 204 }
}

function openSession(bmc: FakeBmc, ask: Seen): Reply {
  if (ask.body.UserName !== user.username || ask.body.Password !== user.password)
    return { status: 401, body: problem('Base.1.8.ResourceAtUriUnauthorized', 'Wrong user or password.') }
  if (bmc.sessions.size >= (bmc.options.mostSessions ?? 8))
    return { status: 503, body: problem('Base.1.8.SessionLimitExceeded', 'Too many sessions.') }
  const uri = `${service}/SessionService/Sessions/${randomUUID()}`
  const token = randomUUID()
  bmc.sessions.set(uri, token)
  return { status: 201, headers: { 'X-Auth-Token': token, Location: uri }, body: { '@odata.id': uri } }
}

function ok(body: unknown, headers: Record<string, string> = {}): Reply {
  return { status: 200, headers, body }
}

function notFound(path: string): Reply {
  return { status: 404, body: problem('Base.1.8.ResourceMissingAtURI', `There is no ${path}.`) }
}
