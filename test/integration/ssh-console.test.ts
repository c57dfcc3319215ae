import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { install } from '../../lab/world/installed.ts'
import { setHostBmc } from '../../src/services/host-bmc.ts'
import { findHost } from '../../src/services/hosts.ts'
import { insertHost } from '../../src/store/hosts.ts'
import { heldHost } from '../peers/support/host-lease.ts'
import { type Front, startFront, Watcher } from '../support/console.ts'
import { redfishOf } from '../support/redfish.ts'
import { admin, furnish, type Rig, startRig } from '../support/rig.ts'

/** The serial console of a machine whose BMC speaks Redfish and SSH, and no IPMI. */
const name = 'r2-h7'
let rig: Rig
let front: Front
let root: string
const watchers: Watcher[] = []

beforeAll(async () => {
  rig = await startRig({ racks: ['r2'] })
  await furnish(rig)
  front = await startFront(rig)
  root = await front.token('root', 'admin')
  const { fingerprint, ...login } = redfishOf(rig, name)
  const id = crypto.randomUUID()
  await insertHost(rig.core.services.tools.db, {
    ...{ id, name, bootMac: '52:54:00:00:00:77', architecture: 'amd64', tags: [] },
    ...{ cpuCount: 16, cpuSpeedMhz: 2900, memoryMib: 65_536 },
    bmc: {
      ...{ address: login.address, username: login.username, protocol: 'redfish', fingerprint },
      ...{ sshFingerprint: null, system: null, kgSealed: null },
      passwordSealed: rig.core.services.seal('bmc', id, login.password),
    },
  })
  const [disk] = machine().disks
  if (disk) install(disk, { hostname: 'web-1', image: 'ubuntu/jammy', cloudInit: true, files: {} }, machine())
  await (await bmc()).setBootDevice(heldHost, 'disk', { persistent: true, efi: true })
}, 60_000)
afterEach(() => {
  for (const watcher of watchers.splice(0)) watcher.leave()
})
afterAll(async () => {
  await front?.close()
  await rig?.stop()
})

const machine = () => rig.lab.world.machine(name)
const bmc = async () => rig.core.services.tools.bmc((await findHost(rig.core.services, name)).host)
const ssh = () => {
  const found = rig.lab.bmcs.ssh.get(name)
  if (!found) throw new Error(`${name} has no SSH`)
  return found
}
const paper = () => rig.lab.facts().machines.find((one) => one.name === name)?.bmc

async function watch(): Promise<Watcher> {
  const watcher = await Watcher.open(front.url, name, { token: root })
  watchers.push(watcher)
  return watcher
}
const becomes = (watcher: Watcher, line: string) =>
  expect.poll(() => watcher.line, { timeout: 10_000 }).toBe(line)
const shows = (watcher: Watcher) => expect.poll(() => watcher.screen, { timeout: 10_000 })

describe('a console by SSH', () => {
  test('is refused until a person has trusted the host key, and says which one it is', async () => {
    const watcher = await watch()
    await becomes(watcher, 'failed')
    const fingerprint = paper()?.ssh?.fingerprint ?? ''
    expect(watcher.state.line.reason).toContain(`fingerprint is ${fingerprint} (ssh-ed25519)`)
    expect(watcher.state.line.remedy).toContain(
      `ferrule host set-bmc ${name} --bmc-ssh-fingerprint ${fingerprint}`,
    )
    expect(ssh().sessions()).toBe(0)
    await setHostBmc(rig.core.services, admin, name, { sshFingerprint: fingerprint })
    watcher.take()
    await becomes(watcher, 'open')
  })

  test('shows the boot, and keys reach the login', async () => {
    const watcher = await watch()
    await becomes(watcher, 'open')
    machine().powerOn()
    await shows(watcher).toMatch(/UEFI BIOS.*Linux version.*login: $/s)
    watcher.type('root\r')
    await shows(watcher).toMatch(/login: root\r\nPassword: $/)
    expect(ssh().sessions()).toBe(1)
  })

  test('is lost with a restart of the BMC, and open again by itself', async () => {
    const watcher = await watch()
    await becomes(watcher, 'open')
    rig.lab.bmcs.controllers.get(name)?.restart()
    await becomes(watcher, 'retrying')
    await becomes(watcher, 'open')
    const from = watcher.screen.length
    watcher.type('\r')
    await expect.poll(() => watcher.screen.slice(from), { timeout: 10_000 }).toMatch(/login: |Password: /)
    expect(ssh().sessions()).toBe(1)
  })

  test('of another key is refused, and the new one is not trusted by itself', async () => {
    const { services } = rig.core
    await setHostBmc(services, admin, name, { sshFingerprint: 'A'.repeat(43) })
    const console = (await bmc()).console
    await expect(console?.openConsole({ takeOver: true })).rejects.toMatchObject({
      code: 'bmc-untrusted',
      message: expect.stringContaining('IS NOT THE TRUSTED ONE'),
    })
  })
})

test('nothing is left behind', async () => {
  await front.close()
  await expect.poll(() => ssh().sessions()).toBe(0)
})
