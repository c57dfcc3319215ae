import { describe, expect, test } from 'vitest'
import type { KnownInstance } from './facts.ts'
import {
  blue,
  facts,
  host,
  instance,
  inventory,
  known,
  machine,
  one,
  plan,
  port,
} from './test-support/facts.ts'

describe('a host that carries what the records do not know', () => {
  const seen = {
    machine: machine('Deployed', { instanceId: 'nobody', operation: 14 }),
    power: 'on' as const,
    ports: [port(blue)],
  }

  test('out of the pool, dirty, its VLANs in the ledger, and left as it is', () => {
    expect(one(seen)).toMatchObject({
      verdict: 'attention',
      tenant: null,
      dirty: 'carries an instance that the records do not know',
      attention: {
        message: 'h1 carries unknown instance nobody; its ports are on VLAN 101',
        remedy: expect.stringContaining('ferrule host erase h1'),
      },
      ledger: [{ vlan: 101, networkId: 'blue', instanceId: 'nobody' }],
    })
  })

  test('the tenant of the records is gone from it', () => {
    const old = known(instance('old', 'running'))
    expect(one(seen, { tenant: old }, [old])).toMatchObject({ tenant: null, lost: { state: 'destroyed' } })
  })

  test('an instance that two machines name is on the one of the records', () => {
    const web1 = known(instance('web1', 'running'))
    const on = (name: string, operation: number, tenant: KnownInstance | null) =>
      facts(
        {
          machine: machine('Deployed', { instanceId: 'id-web1', operation }),
          power: 'on',
          ports: [port(blue)],
        },
        { host: host(name), tenant },
      )
    const made = plan([on('h1', 14, null), on('h2', 5, web1)], [web1])
    expect(made.hosts.map((each) => [each.outcome.tenant?.instance.name, each.verdict])).toEqual([
      [undefined, 'attention'],
      ['web1', 'rebuilt'],
    ])
  })

  test('adopted while Deployed, and only looked at: as it was', () => {
    const readOnly = { host: host('h1', { readOnly: true, inPool: false }) }
    expect(one({ ...seen, machine: machine('Deployed') }, readOnly)).toMatchObject({ verdict: 'as-recorded' })
  })
})

describe('a host that is free in MAAS', () => {
  test('free and clean by the records, at rest, and untouched since: it may be used', () => {
    expect(one({})).toMatchObject({ verdict: 'as-recorded', changes: [], dirty: null, attention: null })
  })

  test('used since: its certificate is lost with the records, so its disks are dirty', () => {
    const web = known(instance('web', 'running'))
    expect(one({}, { tenant: web }, [web])).toMatchObject({
      verdict: 'rebuilt',
      tenant: null,
      lost: { state: 'destroyed', clear: true },
      dirty: expect.stringContaining('carried web'),
    })
    expect(one({ machine: machine('Ready', { activity: 'Deployed' }) })).toMatchObject({
      dirty: 'MAAS: Deployed that the records do not know',
    })
    expect(one({}, { operation: { number: 8, kind: 'deploy' } })).toMatchObject({
      dirty: 'deploy 8 was lost by a restored database',
    })
  })

  test('an instance whose deployment was taken back since has failed', () => {
    const web2 = known(instance('web2', 'deploying'), 'deploy')
    expect(one({}, { tenant: web2 }, [web2])).toMatchObject({ lost: { state: 'failed', clear: true } })
  })

  test.each([
    ['on', { power: 'on' as const }, /it is on/],
    ['on a tenant VLAN', { ports: [port(blue)] }, /not all in the PXE VLAN/],
    ['in quarantine', { ports: [port({ untagged: 999, tagged: [] })] }, /not all in the PXE VLAN/],
    ['behind a silent switch', { ports: [port(null)] }, /could not be read/],
    ['on ports that nobody knows', { ports: [] }, /no rack configuration says/],
    ['behind a silent BMC', { power: 'unknown' as const, powerFault: 'no answer' }, /does not say/],
  ])('not at rest, %s: somebody has to look', (_, seen, why) => {
    const made = one(seen)
    expect(made).toMatchObject({ verdict: 'attention', dirty: expect.any(String) })
    expect(made.attention?.message).toMatch(why)
  })

  test('enlisted since: a record is made from MAAS, with disks that nobody vouches for', () => {
    expect(one({}, { known: false })).toMatchObject({
      adopt: { systemId: 'sys', inventory, inPool: true },
      dirty: 'came to us with unknown disks',
    })
    expect(
      one({}, { host: host('h1', { inPool: false }), operation: { number: 3, kind: 'enlist' } }),
    ).toMatchObject({
      adopt: { inventory },
      dirty: 'enlist 3 was lost by a restored database',
    })
  })

  test('enlisted since, with other cables than the rack file says: never in the pool by itself', () => {
    expect(
      one({ cableFaults: ['eno1 is declared on port 1/1, but LLDP sees port 1/2'] }, { known: false }),
    ).toMatchObject({
      adopt: { inPool: false },
      attention: {
        message: expect.stringContaining('LLDP sees port 1/2'),
        remedy: expect.stringContaining('add it again'),
      },
    })
  })
})

describe('a host in the middle of something', () => {
  test.each(['Deploying', 'Disk erasing', 'Allocated', 'Failed deployment', 'Broken', 'Releasing failed'])(
    '%s: somebody has to look, and its instance can be destroyed',
    (status) => {
      const web2 = known(instance('web2', 'running'))
      expect(
        one({ machine: machine(status, { instanceId: 'id-web2', operation: 13 }) }, { tenant: web2 }, [web2]),
      ).toMatchObject({
        verdict: 'attention',
        tenant: { state: 'failed', clear: true },
        attention: {
          message: expect.stringContaining(`h1 is ${status} in MAAS (operation 13)`),
          remedy: expect.stringContaining('ferrule instance destroy web2'),
        },
      })
    },
  )

  test('still on a tenant VLAN it is not called failed, which means clear', () => {
    const web2 = known(instance('web2', 'running'))
    const seen = { machine: machine('Broken', { instanceId: 'id-web2' }), ports: [port(blue)] }
    expect(one(seen, { tenant: web2 }, [web2])).toMatchObject({
      tenant: { state: 'running', clear: false },
      ledger: [{ vlan: 101, instanceId: 'id-web2' }],
    })
  })

  test('without an instance of the records: to be erased', () => {
    expect(one({ machine: machine('Deploying', { instanceId: 'nobody' }) })).toMatchObject({
      verdict: 'attention',
      tenant: null,
      attention: { remedy: 'Erase it: "ferrule host erase h1".' },
    })
  })
})

describe('a host that is not in MAAS as ours', () => {
  test.each([
    ['none', /has lost our mark/],
    ['foreign', /another installation/],
  ] as const)('mark %s: somebody has to look, nothing of ours on it', (mark, why) => {
    const old = known(instance('old', 'running'))
    const made = one({ machine: machine('Ready', { mark }) }, { tenant: old }, [old])
    expect(made).toMatchObject({ verdict: 'attention', tenant: null, lost: { state: 'destroyed' } })
    expect(made.attention?.message).toMatch(why)
  })

  test('gone from MAAS: what is on it may run all the same', () => {
    const web = known(instance('web', 'running'))
    expect(one({ machine: null, ports: [port(blue)], power: 'on' }, { tenant: web }, [web])).toMatchObject({
      verdict: 'attention',
      tenant: { state: 'running' },
    })
  })
})

describe('the whole plan', () => {
  test('numbers go on far above everything that was given out', () => {
    expect(plan([]).numbers).toEqual({ inMaas: 14, ours: 9, next: 1014 })
    expect(plan([], [], { numbers: { inMaas: 3, ours: 2000 } }).numbers.next).toBe(3000)
  })

  test('an instance that no host carries has failed; what had failed before stays as it is', () => {
    const queued = known(instance('queued', 'deploying'), 'deploy')
    const failed = known(instance('failed', 'failed'))
    expect(plan([], [queued, failed]).instances).toMatchObject([
      { instance: { name: 'queued' }, state: 'failed' },
    ])
  })

  test('every unfinished operation is in it', () => {
    const operations = [{ id: 'o', number: 8, kind: 'deploy', host: 'h1', instance: 'web2' }]
    expect(plan([], [], { operations }).operations).toEqual(operations)
  })
})
