import { beforeEach, describe, expect, test } from 'vitest'
import { Asker, USER } from './test-support/asker.ts'

let at: Asker
beforeEach(() => {
  at = new Asker()
})

describe('who may read', () => {
  test('everybody the root, /redfish, odata and metadata; nobody else anything, not even whether it is there', () => {
    for (const path of [
      '/redfish',
      '/redfish/v1',
      '/redfish/v1/',
      '/redfish/v1/odata',
      '/redfish/v1/$metadata',
    ])
      expect(at.ask('GET', path, { user: null }).status).toBe(200)
    for (const path of ['/redfish/v1/Systems', '/redfish/v1/Nothing', '/elsewhere']) {
      const { status, headers, messages } = at.ask('GET', path, { user: null })
      expect([status, messages]).toEqual([401, ['NoValidSession']])
      expect(headers['WWW-Authenticate']).toMatch(/^Basic realm=/)
    }
    expect(at.ask('GET', '/redfish/v1/Systems', { user: { ...USER, password: 'wrong' } }).status).toBe(401)
    expect(at.get('/Nothing')).toMatchObject({ status: 404, messages: ['ResourceMissingAtURI'] })
  })

  test('every link that a resource has leads to a resource', () => {
    const seen = new Set<string>()
    const follow = (uri: string) => {
      if (seen.has(uri)) return
      seen.add(uri)
      const { status, json } = at.ask('GET', uri)
      expect([uri, status]).toEqual([uri, 200])
      if (!uri.includes('#'))
        for (const [, next = ''] of JSON.stringify(json).matchAll(/"@odata\.id":"([^"#]+)"/g)) follow(next)
    }
    at.machine.powerOn()
    follow('/redfish/v1/')
    expect(seen.size).toBeGreaterThan(50)
  })
})

describe('sessions', () => {
  test('are opened by a login, used by their token, and closed', () => {
    const { status, headers, json } = at.logIn()
    expect(status).toBe(201)
    const token = headers['X-Auth-Token'] ?? ''
    const uri = headers.Location ?? ''
    expect(json).toMatchObject({ '@odata.id': uri, UserName: 'maas', Password: null })
    const as = { headers: { 'x-auth-token': token }, user: null }
    expect(at.ask('GET', '/redfish/v1/Systems/1', as).status).toBe(200)
    expect(at.ask('DELETE', uri, as).status).toBe(204)
    expect(at.ask('GET', '/redfish/v1/Systems/1', as).status).toBe(401)
    expect(at.logIn({ ...USER, password: 'wrong' }).status).toBe(401)
    const incomplete = at.ask('POST', '/redfish/v1/SessionService/Sessions', {
      body: { UserName: 'maas' },
      user: null,
    })
    expect(incomplete).toMatchObject({ status: 400, messages: ['PropertyMissing'] })
  })

  test('are eight at most, others’ included, and end when they are not used', () => {
    at.service.dials.sessionsTaken = 6
    expect([at.logIn().status, at.logIn().status]).toEqual([201, 201])
    expect(at.logIn()).toMatchObject({ status: 503, messages: ['SessionLimitExceeded'] })
    expect(at.patch('/SessionService', { SessionTimeout: 60 }).status).toBe(200)
    at.now += 60_001
    expect(at.logIn().status).toBe(201)
    expect(at.patch('/SessionService', { SessionTimeout: 5 })).toMatchObject({
      status: 400,
      messages: ['PropertyValueOutOfRange'],
    })
  })

  test('are lost when the BMC restarts, or forgets them', () => {
    const as = () => ({ headers: { 'x-auth-token': at.logIn().headers['X-Auth-Token'] ?? '' }, user: null })
    const first = as()
    at.controller.restart()
    expect(at.ask('GET', '/redfish/v1/Systems', first).status).toBe(401)
    const second = as()
    at.service.dials.forgetNext = 1
    expect(at.ask('GET', '/redfish/v1/Systems', second).status).toBe(401)
    expect(at.ask('GET', '/redfish/v1/Systems', second).status).toBe(401)
    expect(at.ask('GET', '/redfish/v1/Systems', as()).status).toBe(200)
  })

  test('are not there on a board that only knows Basic authentication', () => {
    at.service.dials.basicOnly = true
    expect(at.logIn().status).toBe(401)
    expect(at.get('').json.SessionService).toBeUndefined()
    expect(at.get('/Systems/1').status).toBe(200)
  })
})

describe('power', () => {
  test('by every reset type, and refused where it makes no sense', () => {
    const state = () => at.get('/Systems/1').json.PowerState
    expect(state()).toBe('Off')
    expect(at.reset('On').status).toBe(204)
    expect(at.reset('On').status).toBe(204)
    expect(state()).toBe('On')
    for (const type of [
      'ForceRestart',
      'PowerCycle',
      'GracefulShutdown',
      'ForceOff',
      'PushPowerButton',
      'PushPowerButton',
      'ForceOn',
    ])
      expect([type, at.reset(type).status]).toEqual([type, 204])
    const acts = at.machine.acts.filter((act) => !act.startsWith('boot'))
    expect(acts).toEqual(['on', 'reset', 'cycle', 'soft off', 'on', 'soft off', 'on'])
    at.reset('ForceOff')
    expect(at.reset('ForceRestart')).toMatchObject({
      status: 409,
      messages: ['ActionParameterValueConflict'],
    })
    expect(at.reset('Nmi')).toMatchObject({ status: 400, messages: ['ActionParameterValueNotInList'] })
    expect(at.reset(undefined)).toMatchObject({ status: 400, messages: ['ActionParameterMissing'] })
    const url = '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset'
    expect(at.ask('GET', url)).toMatchObject({ status: 405, headers: { Allow: 'POST' } })
  })

  test('a graceful restart is off and on again', async () => {
    at.reset('On')
    at.reset('GracefulRestart')
    await new Promise((resolve) => setImmediate(resolve))
    expect(at.machine.acts.filter((act) => !act.startsWith('boot'))).toEqual(['on', 'soft off', 'on'])
  })

  test('that is slow shows its transition; a stuck one shows nothing', () => {
    at.controller.dials.powerDelayMs = 60_000
    at.reset('On')
    expect(at.get('/Systems/1').json.PowerState).toBe('PoweringOn')
    at.controller.stop()
    at.controller.dials.stuckPower = true
    expect(at.reset('On').status).toBe(204)
    expect(at.get('/Systems/1').json.PowerState).toBe('Off')
  })

  test('as a task: 202 until it is done, by the monitor and by the task; one that hangs is never done', () => {
    Object.assign(at.service.dials, { asyncActions: true, taskMs: 5_000 })
    const { status, headers, json } = at.reset('On')
    expect([status, json.TaskState]).toEqual([202, 'Running'])
    const monitor = () => at.ask('GET', headers.Location ?? '').status
    expect(monitor()).toBe(202)
    at.now += 5_000
    expect(monitor()).toBe(204)
    expect(at.ask('GET', String(json['@odata.id'])).json).toMatchObject({
      TaskState: 'Completed',
      PercentComplete: 100,
    })
    at.service.dials.tasksHang = true
    const hung = at.reset('ForceOff').headers.Location ?? ''
    at.now += 1e9
    expect(at.ask('GET', hung).status).toBe(202)
    expect(at.ask('GET', '/redfish/v1/TaskService/TaskMonitors/99').status).toBe(404)
  })
})

describe('boot override', () => {
  const boot = () => at.get('/Systems/1').json.Boot

  test('is the machine’s boot flags: once, continuous, mode, disabled', () => {
    const once = {
      BootSourceOverrideEnabled: 'Once',
      BootSourceOverrideTarget: 'Pxe',
      BootSourceOverrideMode: 'UEFI',
    }
    expect(at.patch('/Systems/1', { Boot: once }).status).toBe(200)
    expect(at.machine.bootFlags).toEqual({ valid: true, persistent: false, efi: true, device: 'network' })
    at.reset('On')
    expect(boot()).toMatchObject({ BootSourceOverrideEnabled: 'Disabled', BootSourceOverrideTarget: 'Pxe' })
    at.patch('/Systems/1', {
      Boot: { BootSourceOverrideEnabled: 'Continuous', BootSourceOverrideTarget: 'Hdd' },
    })
    at.patch('/Systems/1', { Boot: { BootSourceOverrideMode: 'Legacy' } })
    expect(at.machine.bootFlags).toEqual({ valid: true, persistent: true, efi: false, device: 'disk' })
    at.patch('/Systems/1', { Boot: { BootSourceOverrideTarget: 'None' } })
    expect(boot()).toMatchObject({ BootSourceOverrideEnabled: 'Disabled', BootSourceOverrideTarget: 'None' })
  })

  test('is set as a whole or not at all', () => {
    const refused = at.patch('/Systems/1', {
      Boot: { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Floppy' },
    })
    expect(refused).toMatchObject({ status: 400, messages: ['PropertyValueNotInList'] })
    expect(at.patch('/Systems/1', { Boot: { BootNext: 'x' } }).messages).toEqual(['PropertyUnknown'])
    expect(at.patch('/Systems/1', { Boot: 'Pxe' }).messages).toEqual(['PropertyValueTypeError'])
    expect(at.machine.acts).toEqual([])
  })

  test('lies, or can only be written elsewhere, as dials say', () => {
    const Boot = { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' }
    at.controller.dials.lyingBootFlags = true
    expect(at.patch('/Systems/1', { Boot }).status).toBe(200)
    expect(at.machine.bootFlags.valid).toBe(false)
    at.controller.dials.lyingBootFlags = false
    expect(at.get('/Systems/1/SD').status).toBe(404)
    at.service.dials.bootInSettings = true
    const settings = at.get('/Systems/1').json['@Redfish.Settings']
    expect(settings).toMatchObject({ SettingsObject: { '@odata.id': '/redfish/v1/Systems/1/SD' } })
    expect(at.patch('/Systems/1', { Boot })).toMatchObject({ status: 400, messages: ['PropertyNotWritable'] })
    expect(at.patch('/Systems/1/SD', { Boot }).status).toBe(200)
    expect(at.machine.bootFlags).toMatchObject({ valid: true, device: 'network' })
  })
})

describe('changes', () => {
  test('keep to ETags: the same while nothing changes, another after, and refused with an old one', () => {
    const first = at.get('/Systems/1')
    const etag = first.headers.ETag ?? ''
    expect(first.json['@odata.etag']).toBe(etag)
    at.machine.physics.inletC = 40
    expect(at.get('/Systems/1').headers.ETag).toBe(etag)
    expect(at.get('/Systems/1', { 'if-none-match': etag }).status).toBe(304)
    const changed = at.patch('/Systems/1', { AssetTag: 'A1' }, { 'if-match': etag })
    expect(changed.status).toBe(200)
    expect(changed.headers.ETag).not.toBe(etag)
    expect(at.get('/Systems/1').headers.ETag).toBe(changed.headers.ETag)
    const stale = at.patch('/Systems/1', { AssetTag: 'A2' }, { 'if-match': etag })
    expect(stale).toMatchObject({ status: 412, messages: ['PreconditionFailed'] })
    expect(at.get('/Systems/1').json.AssetTag).toBe('A1')
    expect(at.patch('/Systems/1', { AssetTag: 'A3' }, { 'if-match': '*' }).status).toBe(200)
    at.service.dials.needsIfMatch = true
    expect(at.patch('/Systems/1', { AssetTag: 'A4' })).toMatchObject({
      status: 428,
      messages: ['PreconditionRequired'],
    })
  })

  test('say what could not be changed, and refuse only what could not be changed at all', () => {
    const mixed = at.patch('/Systems/1', { AssetTag: 'A1', Model: 'better', Colour: 'red' })
    expect(mixed).toMatchObject({ status: 200, messages: ['PropertyNotWritable', 'PropertyUnknown'] })
    expect(mixed.json.AssetTag).toBe('A1')
    expect(at.patch('/Systems/1', { Model: 'better' })).toMatchObject({
      status: 400,
      messages: ['PropertyNotWritable'],
    })
    expect(at.patch('/Systems/1', { '@odata.id': 'x' })).toMatchObject({
      status: 400,
      messages: ['NoOperation'],
    })
    expect(at.patch('/Systems/1', '{')).toMatchObject({ status: 400, messages: ['MalformedJSON'] })
    expect(at.patch('/Systems/1', '[]')).toMatchObject({ status: 400, messages: ['UnrecognizedRequestBody'] })
    expect(at.ask('DELETE', '/redfish/v1/Systems/1')).toMatchObject({
      status: 405,
      headers: { Allow: 'GET, HEAD, PATCH' },
    })
  })

  test('light the lamp in the room, and set the BMC’s clock', () => {
    at.patch('/Chassis/1', { LocationIndicatorActive: true })
    expect(at.controller.identify.state).toBe('forced')
    expect(at.get('/Systems/1').json.IndicatorLED).toBe('Lit')
    at.patch('/Systems/1', { IndicatorLED: 'Off' })
    expect(at.controller.identify.state).toBe('off')
    at.patch('/Managers/1', { DateTime: '2030-01-02T03:04:05Z' })
    expect(at.get('/Managers/1').json.DateTime).toBe('2030-01-02T03:04:05Z')
  })
})

test('faults: errors, busy with a time to come again, an unknown OData version, queries', () => {
  at.service.dials.errorNext = 1
  expect(at.get('/Systems/1')).toMatchObject({ status: 500, messages: ['InternalError'] })
  Object.assign(at.service.dials, { busyNext: 1, retryAfterS: 7 })
  expect(at.reset('On')).toMatchObject({ status: 503, headers: { 'Retry-After': '7' } })
  expect(at.machine.power()).toBe('off')
  at.controller.dials.rejectPassword = true
  expect([at.get('/Systems/1').status, at.logIn().status]).toEqual([401, 401])
  at.controller.dials.rejectPassword = false
  expect(at.get('/Systems/1', { 'odata-version': '3.0' }).status).toBe(412)
  expect(at.get('/Systems?$expand=.')).toMatchObject({ status: 501, messages: ['QueryNotSupported'] })
  expect(at.get('/Systems?whatever=1').status).toBe(200)
})
