import { expect, onTestFinished, test } from 'vitest'
import type { ConsolePlace } from './console-place.ts'
import { user } from './testing/fake-types.ts'
import { startRig } from './testing/rig.ts'

const ipmi = { ServiceEnabled: true, Port: 6230 }
const ssh = { ServiceEnabled: true, Port: 2200 }
const entry = { ServiceEnabled: true, ConsoleEntryCommand: 'console com2' }

const byIpmi = (port = 6230) => ({ protocol: 'ipmi', port })
const bySsh = (port: number, entryCommand: string | null, besideCommandLine: boolean) => ({
  ...{ protocol: 'ssh', port, entryCommand, besideCommandLine },
})

/** Where the console is opened when the system tells this; `trusted`: the SSH host key is. */
async function place(told: unknown, trusted: boolean): Promise<ConsolePlace | null> {
  let opened: ConsolePlace | null = null
  const rig = await startRig(
    {},
    {
      openConsole: async (_endpoint, where) => {
        opened = where
        throw new Error('far enough')
      },
    },
  )
  onTestFinished(() => rig.stop())
  rig.fake.machine.extra = { SerialConsole: told }
  const { address, fingerprint } = rig.fake
  const key = trusted ? { sshFingerprint: `SHA256:${'a'.repeat(43)}` } : {}
  const bmc = rig.driver.open({ address, fingerprint, ...user, ...key })
  await expect(bmc.console?.openConsole({ takeOver: false })).rejects.toThrow('far enough')
  return opened
}

test.each<[string, unknown, boolean, unknown]>([
  ['IPMI alone', { IPMI: ipmi }, true, byIpmi()],
  ['IPMI without a port', { IPMI: { ServiceEnabled: true } }, false, byIpmi(623)],
  ['IPMI with a port that is none', { IPMI: { ServiceEnabled: true, Port: 70_000 } }, false, byIpmi(623)],
  ['both, and the key is trusted', { IPMI: ipmi, SSH: ssh }, true, bySsh(2200, null, false)],
  ['both, and nobody has trusted the key', { IPMI: ipmi, SSH: ssh }, false, byIpmi()],
  ['SSH that is off', { IPMI: ipmi, SSH: { ...ssh, ServiceEnabled: false } }, true, byIpmi()],
  ['SSH alone, untrusted: it says which key it is', { SSH: ssh }, false, bySsh(2200, null, false)],
  ['an entry command', { SSH: entry }, true, bySsh(22, 'console com2', true)],
  [
    'an entry command of a line that is said not to be shared',
    { SSH: { ...entry, SharedWithManagerCLI: false } },
    true,
    bySsh(22, 'console com2', true),
  ],
  ['the port of the command line', { SSH: { ServiceEnabled: true } }, true, bySsh(22, null, true)],
  ['a shared one elsewhere', { SSH: { ...ssh, SharedWithManagerCLI: true } }, true, bySsh(2200, null, true)],
  [
    'one apart on port 22',
    { SSH: { ServiceEnabled: true, SharedWithManagerCLI: false } },
    true,
    bySsh(22, null, false),
  ],
])('%s', async (_, told, trusted, expected) => {
  expect(await place(told, trusted)).toEqual(expected)
})
