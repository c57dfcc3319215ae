import { beforeEach, describe, expect, test } from 'vitest'
import type { Json } from './resource.ts'
import { Asker } from './test-support/asker.ts'

let at: Asker
beforeEach(() => {
  at = new Asker()
})

describe('accounts and roles', () => {
  const add = (RoleId: string, UserName = RoleId.toLowerCase()) =>
    at.ask('POST', '/redfish/v1/AccountService/Accounts', {
      body: { UserName, Password: 'long enough', RoleId },
    })
  const as = (username: string) => ({ username, password: 'long enough' })

  test('an operator switches, a reader reads, and neither touches accounts', () => {
    expect([add('Operator').status, add('ReadOnly').status]).toEqual([201, 201])
    const url = '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset'
    expect(at.ask('POST', url, { body: { ResetType: 'On' }, user: as('readonly') })).toMatchObject({
      status: 403,
      messages: ['InsufficientPrivilege'],
    })
    expect(at.ask('POST', url, { body: { ResetType: 'On' }, user: as('operator') }).status).toBe(204)
    const account = '/redfish/v1/AccountService/Accounts/1'
    expect(at.ask('PATCH', account, { body: { Enabled: false }, user: as('operator') }).status).toBe(403)
    expect(at.ask('GET', account, { user: as('readonly') }).json.Password).toBeNull()
    const own = '/redfish/v1/AccountService/Accounts/3'
    expect(at.ask('PATCH', own, { body: { Password: 'another one' }, user: as('readonly') }).status).toBe(200)
    expect(at.ask('GET', own, { user: as('readonly') }).status).toBe(401)
    expect(at.ask('DELETE', own).status).toBe(204)
    expect(at.ask('DELETE', account)).toMatchObject({ status: 400, messages: ['ResourceCannotBeDeleted'] })
  })

  test('refuse doubles, short passwords, strange roles, and never say a password again', () => {
    add('Operator')
    expect(add('Operator').messages).toEqual(['ResourceAlreadyExists'])
    expect(add('King').messages).toEqual(['PropertyValueNotInList'])
    const short = at.ask('POST', '/redfish/v1/AccountService/Accounts', {
      body: { UserName: 'x', Password: 'short', RoleId: 'ReadOnly' },
    })
    expect(short).toMatchObject({ status: 400, messages: ['PropertyValueOutOfRange'] })
    expect(JSON.stringify(short.json)).not.toContain('short')
  })
})

test('the event log has words, and can be cleared', () => {
  at.machine.powerOn()
  at.machine.physics.psus[0] = { present: true, failed: true, watts: 0 }
  const entries = at.get('/Systems/1/LogServices/SEL/Entries').json
  expect(JSON.stringify(entries)).toContain('PS1 Status: failure detected')
  expect(at.get('/Systems/1').json.Status).toMatchObject({ Health: 'Warning' })
  const cleared = at.ask('POST', '/redfish/v1/Managers/1/LogServices/SEL/Actions/LogService.ClearLog')
  expect(cleared.status).toBe(204)
  expect(at.get('/Managers/1/LogServices/SEL/Entries').json['Members@odata.count']).toBe(1)
})

test('sensors, thermal and power tell what the machine meets', () => {
  at.machine.physics.inletC = 45
  at.machine.physics.fansRpm = [3_000, 0, null, 3_000]
  expect(at.get('/Chassis/1/Sensors/InletTemp').json).toMatchObject({
    Reading: 45,
    ReadingUnits: 'Cel',
    Thresholds: { UpperCaution: { Reading: 42 }, UpperCritical: { Reading: 47 } },
    Status: { Health: 'Warning' },
  })
  const { Fans } = at.get('/Chassis/1/Thermal').json as { Fans: Json[] }
  expect(Fans.map(({ Reading, Status }) => [Reading, (Status as Json).Health])).toEqual([
    [3_000, 'OK'],
    [0, 'Critical'],
    [null, null],
    [3_000, 'OK'],
  ])
  expect(at.get('/Chassis/1/Power').json).toMatchObject({ PowerControl: [{ PowerConsumedWatts: 120 }] })
  expect(at.get('/Systems/1').json.Status).toMatchObject({ Health: 'Critical' })
})

test('storage and NICs are the machine’s', () => {
  expect(at.get('/Systems/1').json).toMatchObject({
    SerialNumber: 'LAB0003',
    ProcessorSummary: { CoreCount: 8 },
    MemorySummary: { TotalSystemMemoryGiB: 32 },
  })
  expect(at.get('/Systems/1/Storage/1').json['Drives@odata.count']).toBe(0)
  expect(at.get('/Systems/1/EthernetInterfaces').json['Members@odata.count']).toBe(0)
})
