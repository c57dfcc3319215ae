import { describe, expect, onTestFinished, test } from 'vitest'
import { consoleAt } from './console-at.ts'
import { createIpmiDriver } from './ipmi/driver.ts'
import { ScriptedBmc } from './ipmi/testing/scripted-bmc.ts'
import { user } from './redfish/testing/fake-types.ts'
import { startRig } from './redfish/testing/rig.ts'
import { createSshConsoles } from './ssh/consoles.ts'
import type { SerialConsole } from './types.ts'

/** One BMC: Redfish at its HTTPS port, IPMI at another, with one login. */
async function given(more: Record<string, unknown> = {}) {
  const scripted = await ScriptedBmc.start(user.username, user.password)
  const ipmi = createIpmiDriver({ requestTimeoutMs: 1200, retransmitMs: 250, sessionLingerMs: 0 })
  const rig = await startRig({}, { openConsole: consoleAt({ ipmi, ssh: createSshConsoles() }) })
  rig.fake.machine.extra = more
  onTestFinished(async () => {
    await ipmi.close()
    await scripted.stop()
    await rig.stop()
  })
  const port = Number(scripted.address.split(':').at(-1))
  const open = (takeOver = false): Promise<SerialConsole> => {
    if (!rig.bmc.console) throw new Error('no console')
    return rig.bmc.console.openConsole({ takeOver })
  }
  return { scripted, rig, port, open }
}

const at = (path: string) => ({ '@odata.id': `/redfish/v1/${path}` })

describe('a BMC that is driven over Redfish', () => {
  test('has its console by IPMI, at the port that it tells and with the same login', async () => {
    const { scripted, rig, port, open } = await given()
    rig.fake.machine.extra = { SerialConsole: { IPMI: { ServiceEnabled: true, Port: port } } }
    const console = await open()
    let shown = ''
    console.onData((data) => {
      shown += data.toString()
    })
    scripted.sendSol(scripted.sol.printed('login: '))
    await console.write(Buffer.from('root'))
    expect(scripted.sol.typed).toBe('root')
    expect(shown).toBe('login: ')
    await expect(open()).rejects.toMatchObject({ code: 'console-busy' })
    await console.close()
    await expect.poll(() => scripted.closed).toBe(1)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['says nothing', {}, 'tells of'],
    ['has nothing in it', { SerialConsole: {} }, 'no serial console'],
    ['is no object', { SerialConsole: 'yes' }, 'tells of'],
    ['has it switched off', { SerialConsole: { IPMI: { ServiceEnabled: false, Port: 623 } } }, 'switched on'],
    ['has Telnet alone', { SerialConsole: { Telnet: { ServiceEnabled: true } } }, 'Telnet'],
    [
      'has an older manager with SSH alone',
      { Links: { ManagedBy: [at('Managers/ssh')] } },
      'how SSH gets to it',
    ],
    ['has an older manager with none', { Links: { ManagedBy: [at('Managers/none')] } }, 'tells of'],
    ['has a manager that is not there', { Links: { ManagedBy: [at('Managers/gone')] } }, 'tells of'],
  ])('%s: no console, and IPMI is not asked', async (_, extra, message) => {
    const { scripted, rig, open } = await given(extra)
    rig.fake.answer = ({ path }) => {
      if (path.endsWith('Managers/none'))
        return {
          status: 200,
          body: { SerialConsole: { ServiceEnabled: false, ConnectTypesSupported: ['IPMI'] } },
        }
      if (!path.endsWith('Managers/ssh')) return undefined
      return {
        status: 200,
        body: { SerialConsole: { ServiceEnabled: true, ConnectTypesSupported: ['SSH'] } },
      }
    }
    await expect(open()).rejects.toMatchObject({
      code: 'bmc-unsupported',
      message: expect.stringContaining(message),
    })
    expect(scripted.opened).toEqual([])
  })
})
