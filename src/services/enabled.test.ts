import { describe, expect, test } from 'vitest'
import { registerTemplate } from './catalogue.ts'
import type { Caller, Services } from './context.ts'
import { deployInstance } from './deploy.ts'
import { addHost, eraseHost } from './hosts.ts'
import {
  attachNetwork,
  destroyInstance,
  detachNetwork,
  rebootInstance,
  startInstance,
  stopInstance,
} from './instances.ts'

/** Nothing behind the setting is there: whoever asks anything before looking at it fails in another way. */
const disabled = { settings: { enabled: false } } as Services
const caller: Caller = { name: 'test', role: 'admin' }
const host = {
  name: 'h1',
  bmc: { address: '192.0.2.1', username: 'admin', password: 'p' },
  bootMac: '52:54:00:00:00:01',
  cpuCount: 1,
  cpuSpeedMhz: 0,
  memoryMib: 1,
  tags: [],
}

describe('without the class name of MAAS as bare-metal provider', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['add a host', () => addHost(disabled, caller, host)],
    ['erase a host', () => eraseHost(disabled, caller, 'h1', null)],
    ['register a template', () => registerTemplate(disabled, { name: 't', url: 'ubuntu/jammy' })],
    ['deploy', () => deployInstance(disabled, caller, { name: 'i', template: 't', offering: 'o', nics: [] })],
    ['start', () => startInstance(disabled, caller, 'i')],
    ['stop', () => stopInstance(disabled, caller, 'i')],
    ['reboot', () => rebootInstance(disabled, caller, 'i')],
    ['destroy', () => destroyInstance(disabled, caller, 'i')],
    ['attach', () => attachNetwork(disabled, caller, 'i', { network: 'n' })],
    ['detach', () => detachNetwork(disabled, caller, 'i', 'n')],
  ])('%s says that it is not enabled, and how it is', async (_what, call) => {
    await expect(call()).rejects.toMatchObject({
      code: 'not-enabled',
      remedy: expect.stringContaining('external.baremetal.resource.classname'),
    })
  })
})
