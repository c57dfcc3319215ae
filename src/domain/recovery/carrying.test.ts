import { describe, expect, test } from 'vitest'
import { blue, instance, known, machine, one, port, pxe } from './test-support/facts.ts'

describe('a host that carries an instance of the records', () => {
  const web1 = known(instance('web1', 'running'))
  const carries = {
    machine: machine('Deployed', { instanceId: 'id-web1', operation: 5 }),
    power: 'on' as const,
  }

  test('as recorded: nothing changes but the missing mark of its disks', () => {
    const ledger = [{ switchId: 'tor', port: '1/1', vlan: 101, networkId: 'blue', instanceId: 'id-web1' }]
    const seen = { ...carries, ports: [port(blue)] }
    expect(one(seen, { tenant: web1, dirty: true, ledger }, [web1])).toMatchObject({
      verdict: 'as-recorded',
      changes: [],
      tenant: { state: 'running', nics: web1.instance.nics },
      ledger,
    })
    expect(one(seen, { tenant: web1, ledger }, [web1])).toMatchObject({
      verdict: 'rebuilt',
      dirty: 'instance web1',
    })
  })

  test('deployed since, while the records still say deploying: it runs, and has its host and its ledger', () => {
    const web2 = known(instance('web2', 'deploying'), 'deploy')
    const seen = {
      machine: machine('Deployed', { instanceId: 'id-web2', operation: 8 }),
      power: 'on' as const,
      ports: [port(blue)],
    }
    expect(one(seen, {}, [web2])).toMatchObject({
      verdict: 'rebuilt',
      tenant: { instance: { name: 'web2' }, state: 'running', clear: false },
      dirty: 'instance web2',
      attention: null,
      ledger: [{ switchId: 'tor', port: '1/1', vlan: 101, networkId: 'blue', instanceId: 'id-web2' }],
    })
  })

  test('in the middle of its first boot nobody knows whether its hand-over ended: failed, never handed out', () => {
    const web2 = known(instance('web2', 'deploying'), 'deploy')
    for (const power of ['on', 'off'] as const)
      expect(
        one({ machine: machine('Deployed', { instanceId: 'id-web2' }), power }, {}, [web2]),
      ).toMatchObject({
        tenant: { state: 'failed', clear: power === 'off', error: { code: 'recovery-mode' } },
        dirty: 'instance web2',
        ledger: [],
      })
  })

  test('an unfinished start of a system that has run before is a stopped system', () => {
    const web1starting = known(instance('web1', 'deploying'), 'start')
    expect(one({ ...carries, power: 'off' }, { tenant: web1starting }, [web1starting])).toMatchObject({
      tenant: { state: 'stopped', clear: true },
      attention: null,
    })
  })

  test('stopped since: parked and off', () => {
    expect(one({ ...carries, power: 'off' }, { tenant: web1 }, [web1])).toMatchObject({
      verdict: 'rebuilt',
      tenant: { state: 'stopped', clear: true },
      ledger: [],
    })
  })

  test('on, with parked ports: stopped, and a person has to look', () => {
    expect(one(carries, { tenant: web1 }, [web1])).toMatchObject({
      verdict: 'attention',
      tenant: { state: 'stopped', clear: false },
      attention: { message: expect.stringMatching(/h1 carries web1, but it is on, although/) },
    })
  })

  test('a network attached since comes back with the MAC that the switch hears; one detached goes', () => {
    const both = { untagged: 101, tagged: [102] }
    const heard = port(both, { learned: [{ mac: '02:00:00:00:00:02', vlan: 102 }] })
    expect(one({ ...carries, ports: [heard] }, { tenant: web1 }, [web1])).toMatchObject({
      attention: null,
      tenant: {
        nics: [
          { vlan: 101, isDefault: true },
          { networkId: 'green', mac: '02:00:00:00:00:02', vlan: 102 },
        ],
      },
      ledger: [
        { vlan: 101, networkId: 'blue' },
        { vlan: 102, networkId: 'green' },
      ],
    })
    const two = known(
      instance('web1', 'running', {
        nics: [
          ...web1.instance.nics,
          { id: 'n2', networkId: 'green', mac: '02:00:00:00:00:02', vlan: 102, isDefault: false },
        ],
      }),
    )
    expect(one({ ...carries, ports: [port(blue)] }, { tenant: two }, [two]).tenant?.nics).toEqual(
      web1.instance.nics,
    )
  })

  test('a VLAN that nobody can put a name to stays in the ledger, and a person is told', () => {
    const seen = { ...carries, ports: [port({ untagged: 101, tagged: [555] })] }
    expect(one(seen, { tenant: web1 }, [web1])).toMatchObject({
      verdict: 'attention',
      attention: { message: expect.stringContaining('VLAN 555') },
      ledger: [{ vlan: 101 }, { vlan: 555, networkId: 'unknown' }],
    })
  })

  test('its default network has another VLAN by now: the MAC is what makes it the same NIC', () => {
    const seen = { ...carries, ports: [port({ untagged: 102, tagged: [] })] }
    expect(one(seen, { tenant: web1 }, [web1]).tenant?.nics).toEqual([
      { ...web1.instance.nics[0], vlan: 102, networkId: 'green' },
    ])
  })

  test('neither a silent switch nor a silent BMC is taken for anything good', () => {
    const ledger = [{ switchId: 'tor', port: '1/1', vlan: 101, networkId: 'blue', instanceId: 'id-web1' }]
    const stopped = known(instance('web1', 'stopped'))
    const made = one(
      { ...carries, ports: [port(null)], power: 'unknown', powerFault: 'no answer' },
      { tenant: stopped, ledger },
      [stopped],
    )
    expect(made).toMatchObject({
      verdict: 'attention',
      tenant: { state: 'running', clear: false },
      attention: { message: expect.stringMatching(/port 1\/1 of switch tor could not be read .*BMC of h1/) },
      ledger,
    })
  })

  test('what the switch has saved counts for the fence: a reboot would bring it back', () => {
    const seen = { ...carries, power: 'off' as const, ports: [port(pxe, { saved: blue })] }
    expect(one(seen, { tenant: web1 }, [web1])).toMatchObject({
      tenant: { state: 'stopped' },
      ledger: [{ vlan: 101 }],
    })
  })

  test('an annotation that somebody took off is made up for by the MAC that was installed', () => {
    const seen = {
      machine: machine('Deployed', { bondMac: '02:00:00:00:00:01' }),
      power: 'on' as const,
      ports: [port(blue)],
    }
    expect(one(seen, { tenant: web1 }, [web1]).tenant).toMatchObject({ state: 'running' })
  })
})
