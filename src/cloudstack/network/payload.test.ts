import { describe, expect, test } from 'vitest'
import { isNetworkCommand, meaningOf } from './commands.ts'
import { answerIdle } from './listener.ts'
import { nicOf, parseNetworkPayload, vmDataOf } from './payload.ts'

/** As NetworkExtensionElement writes it; the values are made up. */
const network = {
  network_id: '204',
  vlan: '300',
  zone_id: '1',
  guest_type: 'l2',
  network_state: 'implemented',
}
const nic = {
  nic_id: '7',
  nic_uuid: 'b6f0',
  mac: '02:01:00:CC:00:01',
  ip: '',
  default_nic: 'true',
  device_id: '0',
}
const envelope = (payload: object) => ({
  'physical-network-extension-details': { physicalnetworkname: 'guest' },
  'network-extension-details': { device: 'ferrule' },
  payload: { ...network, ...payload },
})
const meta = (file: string, content: string) => ({ dir: 'meta-data', file, content })

describe('the payload of a NetworkOrchestrator', () => {
  test('a NIC, whose address may be empty on layer 2', () => {
    expect(nicOf(parseNetworkPayload(envelope({ ...nic, hostname: 'web1' })))).toEqual({
      ...{ id: 'b6f0', mac: '02:01:00:cc:00:01', vlan: '300', hostname: 'web1' },
    })
    expect(nicOf(parseNetworkPayload(envelope({ mac: '' })))).toBeNull()
  })

  test('what a tenant gave: user data as it is, one key on each line, the name; empty is nothing', () => {
    const vm_data = [
      { dir: 'userdata', file: 'user-data', content: '#!/bin/sh\necho\n' },
      ...[meta('vm-id', 'u-1'), meta('instance-id', 'u-1'), meta('local-hostname', 'web1')],
      meta('public-keys', 'ssh-rsa A a\nssh-rsa B b\n'),
    ]
    const { vm_data: parsed } = parseNetworkPayload(envelope({ ...nic, vm_data }))
    expect(vmDataOf(parsed ?? [])).toEqual({
      ...{ vm: 'u-1', userData: '#!/bin/sh\necho\n', hostname: 'web1', hasPassword: false },
      sshKeys: ['ssh-rsa A a', 'ssh-rsa B b'],
    })
    expect(vmDataOf([meta('instance-id', 'u-1'), meta('public-keys', '')])).toEqual({
      ...{ vm: 'u-1', userData: null, sshKeys: [], hostname: null, hasPassword: false },
    })
    expect(vmDataOf([meta('public-keys', 'ssh-rsa A a')])).toBeNull()
    const password = { dir: 'password', file: 'vm_password', content: 'x' }
    expect(vmDataOf([meta('vm-id', 'u-1'), password])?.hasPassword).toBe(true)
  })

  test('what is none is refused by its place, and nothing of it is repeated', () => {
    const secret = 'do-not-say-this'
    const faulty = envelope({ vm_data: [{ dir: 'userdata', file: 7, content: secret }] })
    const refusal = () => parseNetworkPayload(faulty)
    expect(refusal).toThrow(/not what CloudStack writes for a NetworkOrchestrator/)
    try {
      refusal()
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain(secret)
    }
  })
})

test('its commands are told from those of an Orchestrator, whose names they do not have', () => {
  for (const action of ['prepare', 'create', 'start', 'stop', 'status', 'statuses', 'getconsole', 'toString'])
    expect([action, isNetworkCommand(action)]).toEqual([action, false])
  expect(isNetworkCommand('save-vm-data')).toBe(true)
})

test('while nothing is worked on, networks come and go, and what would be lost is refused', () => {
  expect(answerIdle('ensure-network-device')).toMatchObject({ exit: 0, body: { device: 'ferrule' } })
  for (const command of ['prepare-nic', 'release-nic', 'destroy-network', 'remove-dhcp-entry'] as const)
    expect(answerIdle(command)).toEqual({ exit: 0, body: null })
  expect([answerIdle('save-vm-data'), answerIdle('add-dhcp-entry')]).toEqual([null, null])
  expect(meaningOf('save-password')).toBe('refused')
})
