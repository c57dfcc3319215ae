import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CloudstackPart } from '../../lab/cloudstack/cloudstack.ts'
import { CliFailure, describeFailure } from '../../src/cli/failure.ts'
import { createProgram } from '../../src/cli/program.ts'
import { askCloud, emptyCloud } from '../support/cloud.ts'

const program = fileURLToPath(new URL('../../bin/ferrule', import.meta.url))
const shipped = fileURLToPath(new URL('../../extension/ferrule.sh', import.meta.url))

let folder: string
let cloud: CloudstackPart
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferrule-install-'))
  cloud = await emptyCloud(folder)
})
afterEach(async () => {
  await cloud.stop()
  await rm(folder, { recursive: true, force: true })
})

interface Ran {
  code: number | null
  out: string
  err: string
}

/** The command line in this process: what it prints, and the exit status that it leaves. */
async function ferrule(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const ran: Ran = { code: null, out: '', err: '' }
  for (const [name, value] of Object.entries({ ...access(), ...env })) vi.stubEnv(name, value)
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    ran.out += String(chunk)
    return true
  })
  try {
    await createProgram('').parseAsync(['cloudstack', ...args, ...places()], { from: 'user' })
    ran.code = Number(process.exitCode)
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error
    Object.assign(ran, { code: error.exitCode, err: describeFailure(error) })
  } finally {
    process.exitCode = undefined
    out.mockRestore()
    vi.unstubAllEnvs()
  }
  return ran
}

/** The built program, as an operator runs it on a management server. */
function built(args: string[]): Promise<Ran> {
  const ran: Ran = { code: null, out: '', err: '' }
  const env = { PATH: process.env.PATH, ...access() }
  const child = spawn(process.execPath, [program, 'cloudstack', ...args, ...places()], { env })
  child.stdout.on('data', (chunk) => {
    ran.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    ran.err += String(chunk)
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ran, code })))
}

const access = () => ({
  CLOUDSTACK_ENDPOINT: cloud.url,
  CLOUDSTACK_KEY: cloud.keys.apiKey,
  CLOUDSTACK_SECRET: cloud.keys.secretKey,
})
const places = () => [
  '--folder',
  join(folder, 'extensions'),
  '--settings',
  join(folder, 'etc/extension.conf'),
]

const wishes = ['install', '--image', 'ubuntu/jammy', '--size', '16x64G', '--socket', '/run/f.sock']
const install = (...more: string[]) => ferrule([...wishes, ...more])

/** Everything that CloudStack has. */
const database = () => JSON.stringify(cloud.state)
const things = () => {
  const { clusters, hosts, extensions, customActions, templates, serviceOfferings } = cloud.state
  return structuredClone({ clusters, hosts, extensions, customActions, templates, serviceOfferings })
}
const executable = () => join(folder, 'extensions/ferrule/ferrule.sh')
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

describe('ferrule cloudstack install', () => {
  test('a dry run tells everything and touches nothing; install makes it; a second one has nothing to do', async () => {
    const empty = database()
    const dry = await install('--dry-run')
    expect([dry.code, dry.err, database()]).toEqual([0, '', empty])
    expect([await isThere(join(folder, 'extensions')), await isThere(join(folder, 'etc'))]).toEqual([
      false,
      false,
    ])
    expect(dry.out).toMatch(/^would make +extension ferrule$/m)
    expect(dry.out).toMatch(/nothing was touched; 15 would be/)

    const made = await built(wishes)
    expect([made.code, made.err]).toEqual([0, ''])
    expect(made.out.replaceAll('made      ', 'would make').split('\n').slice(0, 15)).toEqual(
      dry.out.split('\n').slice(0, 15),
    )
    expect(await readFile(executable())).toEqual(await readFile(shipped))
    expect((await stat(executable())).mode & 0o777).toBe(0o755)
    expect(await readFile(join(folder, 'etc/extension.conf'), 'utf8')).toMatch(
      /^FERRULE_SOCKET=\/run\/f.sock$/m,
    )
    const [extension] = cloud.state.extensions
    expect(extension).toMatchObject({ path: 'ferrule/ferrule.sh', requiresPrepare: true, state: 'Enabled' })
    expect(cloud.state.clusters).toMatchObject([{ hypervisor: 'External', extensionId: extension?.id }])
    expect(cloud.state.hosts).toMatchObject([{ url: 'http://ferrule', externalDetails: { pool: 'ferrule' } }])
    expect(cloud.state.templates).toMatchObject([{ externalDetails: { image: 'ubuntu/jammy' } }])
    expect(cloud.state.serviceOfferings).toMatchObject([{ cpuNumber: 16, memoryMib: 65_536 }])
    expect(cloud.state.customActions.find(({ name }) => name === 'Reinstall')).toMatchObject({
      enabled: true,
      timeout: 60,
      roles: ['Admin', 'ResourceAdmin', 'DomainAdmin', 'User'],
      parameters: [{ name: 'template' }, { name: 'erase', valueoptions: 'full,secure,quick' }],
    })

    const full = database()
    const again = await install()
    expect([again.code, database()]).toEqual([0, full])
    expect(again.out).toMatch(/nothing to do: everything is as it should be\n$/)
    expect(again.out).not.toMatch(/^(made|changed)/m)
  })

  test('what is wrong is put right and told, what the operator chose is left', async () => {
    await install()
    const why = cloud.state.customActions.find(({ name }) => name === 'Why')
    const plan = cloud.state.customActions.find(({ name }) => name === 'Plan')
    Object.assign(why ?? {}, { timeout: 5, enabled: false, roles: ['Admin'] })
    Object.assign(plan ?? {}, { parameters: [] })
    Object.assign(cloud.state.extensions[0] ?? {}, { requiresPrepare: false })
    await writeFile(executable(), 'echo what?\n')
    await chmod(executable(), 0o700)
    await writeFile(join(folder, 'etc/extension.conf'), 'FERRULE_SOCKET=/mine\n')
    const { out } = await install()
    expect(out).toMatch(/^changed +executable .*its sha256 is [0-9a-f]{64}; its mode is 0700/m)
    expect(out).toMatch(/^as is +settings .*somebody else wrote it/m)
    expect(out).toMatch(/^changed +extension ferrule +\(it must be asked to prepare\)$/m)
    expect(out).toMatch(/^changed +custom action Why +\(its time-out is 5 s instead of 30 s\)$/m)
    expect(out).toMatch(/^changed +custom action Plan +\(its form is another\)$/m)
    expect(out).toMatch(/\ndone: 4 touched\n$/)
    expect(why).toMatchObject({ timeout: 30, enabled: false, roles: ['Admin'] })
    expect(plan?.parameters.map(({ name }) => name)).toEqual(['action', 'template', 'erase'])
    expect(await readFile(executable())).toEqual(await readFile(shipped))
  })

  test('another management server gets the files, and CloudStack is not asked', async () => {
    const nowhere = { CLOUDSTACK_ENDPOINT: 'http://127.0.0.1:9/client/api' }
    const { code, out } = await ferrule(['install', '--only', 'files'], nowhere)
    expect([code, out.split('\n').length, await isThere(executable())]).toEqual([0, 4, true])
    const answer = await ferrule(['install', '--only', 'api'], nowhere)
    expect([answer.code, answer.err]).toEqual([3, expect.stringContaining('no answer from CloudStack')])
  })

  test('a wrong key, and a name that is taken, are told in one sentence without the secret', async () => {
    const secret = 'not-the-secret-of-this-cloud'
    const stranger = await ferrule(['install', '--only', 'api'], { CLOUDSTACK_SECRET: secret })
    expect(stranger.code).toBe(2)
    expect(stranger.err).toMatch(/^error: CloudStack refused listZones: 401 .*\(cloudstack-auth\)\n/)
    expect(stranger.err).toMatch(/do: +Check the API key, its secret/)
    expect(stranger.out + stranger.err).not.toContain(secret)
    await askCloud(cloud, 'createExtension', {
      name: 'ferrule',
      type: 'Orchestrator',
      path: 'ferrule/other.py',
    })
    const before = database()
    const taken = await install('--only', 'api')
    expect([taken.code, taken.err]).toEqual([2, expect.stringMatching(/with another program: .*other\.py/)])
    expect(database()).toBe(before)
  })
})

test('uninstall is refused while an instance needs the extension; then it leaves nothing, and a second one finds nothing', async () => {
  const empty = things()
  await install()
  const [template, offering] = [cloud.state.templates[0]?.id ?? '', cloud.state.serviceOfferings[0]?.id ?? '']
  const zoneid = cloud.state.zone.id
  const isolated = cloud.state.networkOfferings[0]?.id ?? ''
  const { network } = await askCloud(cloud, 'createNetwork', {
    name: 'blue',
    zoneid,
    networkofferingid: isolated,
  })
  const { virtualmachine } = await askCloud(cloud, 'deployVirtualMachine', {
    ...{ name: 'web1', zoneid, templateid: template, serviceofferingid: offering, networkids: network.id },
  })
  const full = things()
  const refused = await ferrule(['uninstall'])
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('web1 (Running)')])
  expect([things(), await isThere(executable())]).toEqual([full, true])

  await askCloud(cloud, 'destroyVirtualMachine', { id: virtualmachine.id, expunge: 'true' })
  const dry = await ferrule(['uninstall', '--dry-run'])
  expect(dry.out).toMatch(/^would remove +host ferrule$/m)
  expect(await isThere(executable())).toBe(true)
  expect(things()).toEqual(full)
  const removed = await ferrule(['uninstall'])
  expect([removed.code, removed.err]).toEqual([0, ''])
  expect([things(), await isThere(join(folder, 'extensions/ferrule'))]).toEqual([empty, false])
  const again = await ferrule(['uninstall'])
  expect([again.code, again.out]).toEqual([
    0,
    expect.stringMatching(/nothing to do: nothing of it is there\n$/),
  ])
})

test('--network-orchestrator: a provider of user data and its offering, twice the same; kept while a network needs it, then gone', async () => {
  const all = () => {
    const { networkOfferings, networkProviders = [] } = cloud.state
    return { ...things(), networkOfferings: structuredClone(networkOfferings), networkProviders }
  }
  await install()
  const before = all()
  const dry = await install('--network-orchestrator', '--dry-run')
  expect(dry.out).toMatch(/nothing was touched; 5 would be/)
  expect(all()).toEqual(before)
  expect((await install('--physical-network', 'guest')).err).toMatch(/Add --network-orchestrator/)

  const made = await install('--network-orchestrator', '--physical-network', 'guest')
  expect(made.out).toMatch(/\ndone: 4 touched\n$/)
  expect(await readFile(join(folder, 'extensions/ferrule-network/ferrule.sh'))).toEqual(
    await readFile(shipped),
  )
  const extension = cloud.state.extensions.find(({ type }) => type === 'NetworkOrchestrator')
  expect(extension).toMatchObject({
    ...{ name: 'ferrule-network', path: 'ferrule-network/ferrule.sh', state: 'Enabled' },
    // DHCP and DNS stay with whoever has them, and no address is taken out of the network
    details: { 'network.services': 'UserData', 'network.allocate.extension.ip': 'false' },
  })
  expect(cloud.state.networkProviders).toMatchObject([{ name: 'ferrule-network', enabled: true }])
  const offering = cloud.state.networkOfferings.at(-1)
  expect(offering).toMatchObject({
    guestType: 'L2',
    providers: { UserData: 'ferrule-network' },
    enabled: true,
  })

  const full = database()
  expect((await install('--network-orchestrator')).out).toMatch(/nothing to do: everything/)
  expect(database()).toBe(full)
  const [provider] = cloud.state.networkProviders ?? []
  if (!provider || !extension || !offering) throw new Error('not made')
  provider.enabled = false
  extension.details = { 'network.services': 'UserData,Dhcp' }
  expect((await install('--network-orchestrator')).out).toMatch(
    /its detail network.services must be UserData/,
  )
  expect([provider.enabled, extension.details['network.services']]).toEqual([true, 'UserData'])

  const params = { name: 'flat', zoneid: cloud.state.zone.id, networkofferingid: offering.id }
  const { network } = await askCloud(cloud, 'createNetwork', params)
  const kept = await ferrule(['uninstall'])
  expect(kept.out).toMatch(/^kept +network offering .*networks are made of it: flat/m)
  expect(kept.out).toMatch(/^kept +extension ferrule-network/m)
  expect(kept.out).toMatch(/^kept +executable .*ferrule-network/m)
  await askCloud(cloud, 'deleteNetwork', { id: network.id })
  await ferrule(['uninstall'])
  expect(all()).toMatchObject({ extensions: [], networkProviders: [] })
  expect(cloud.state.networkOfferings).not.toContainEqual(offering)
  expect(await isThere(join(folder, 'extensions/ferrule-network'))).toBe(false)
})
