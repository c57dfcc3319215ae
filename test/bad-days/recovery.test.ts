import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import type { Controller } from '../support/controller.ts'
import {
  copyDatabase,
  loseDatabase,
  restoreDatabase,
  startController,
  stopDatabase,
} from '../support/controller.ts'
import { run } from '../support/door.ts'
import { Production } from '../support/production.ts'
import { waitUntil } from '../support/wait.ts'

/**
 * A day in which the database is lost and an old copy of it is put back. While the copy was taken, web1 and db1 ran and
 * web2 was being deployed. After that web2 was finished, web1 got another network, web3 was deployed, db1 was destroyed
 * and web4 was in the middle of its deployment.
 */
describe('a restored database', () => {
  const hosts = ['r1-h1', 'r1-h2', 'r1-h4', 'r1-h6', 'r1-h8', 'r2-h2']
  const untouched = ['r1-h1', 'r1-h2', 'r1-h4', 'r1-h6', 'r2-h2']
  const folder = testFolder('recovery')
  const copy = join(folder, 'copy')
  let site: Production
  let shown = ''
  let before: ReturnType<Production['scene']>

  beforeAll(async () => {
    site = await Production.open(folder)
    await site.furnish(hosts)
    const [blue, green] = [{ network: 'blue' }, { network: 'green', mac: '02:01:00:66:00:09' }]
    await site.succeeded(await site.deploy('web1', 'large', blue, green))
    await site.succeeded(await site.begin('instances/web1/networks/green', undefined, 'DELETE'))
    await site.succeeded(await site.deploy('db1', 'small', blue))
    await site.lab.faults.get('machine/r1-h4')?.set({ slow: 4 })
    const web2 = await site.deploy('web2', 'small', blue)
    await site.until(web2, 'wait-deployed')
    await site.crash()
    copyDatabase(site.dataDir, copy)

    await site.lab.faults.get('machine/r1-h4')?.reset()
    await site.start()
    await site.succeeded(web2)
    await site.succeeded(await site.begin('instances/web1/networks', green))
    await site.succeeded(await site.deploy('web3', 'small', blue))
    await site.lab.faults.get('maas')?.set({ deployHangs: ['*'] })
    await site.until(await site.deploy('web4', 'small', blue), 'wait-deployed')
    await site.succeeded(await site.begin('instances/db1', undefined, 'DELETE'))
    await site.heard('r1-h1', 102)

    await site.crash()
    restoreDatabase(site.dataDir, copy)
  }, 300_000)

  afterAll(async () => {
    await site?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const call = (...args: Parameters<Controller['call']>) => site.controller.call(...args)
  const instanceOf = async (name: string) => (await call('GET', `instances/${name}`)).body
  const hostOf = async (name: string) => (await call('GET', `hosts/${name}`)).body

  test('while MAAS does not answer nobody knows: nothing is run, nothing is guessed', async () => {
    before = site.scene(untouched)
    await site.lab.faults.get('maas')?.set({ down: 'reset' })
    await site.start()
    expect((await call('GET', 'health')).body).toMatchObject({
      status: 'waiting',
      reason: expect.stringMatching(/is not known before MAAS answers/),
    })
    for (const [method, path] of [
      ['GET', 'instances'],
      ['GET', 'recovery'],
    ] as const)
      expect((await call(method, path)).body).toMatchObject({ code: 'maas-unreachable' })
    expect((await site.controller.cli('status')).out).toMatch(/status +waiting[\s\S]*before MAAS answers/)
    const said = await site.controller.cli('recover')
    expect([said.code, said.err]).toEqual([
      1,
      expect.stringMatching(/before MAAS answers[\s\S]*do: +Look at MAAS/),
    ])
    await site.lab.faults.get('maas')?.reset()
  })

  test('once it answers the database is known to be old: recovery mode, every call is refused with the reason', async () => {
    await expect
      .poll(async () => (await call('GET', 'health')).body.status, { timeout: 10_000 })
      .toBe('recovery')
    for (const [method, path] of [
      ['GET', 'instances'],
      ['GET', 'operations'],
      ['POST', 'instances/web1/stop'],
    ] as const)
      expect(await call(method, path)).toMatchObject({
        status: 503,
        body: {
          code: 'recovery-mode',
          detail: expect.stringMatching(
            /MAAS knows operation \d+ .*database ends at \d+: the database is older/,
          ),
          remedy: expect.stringMatching(/ferrule recover/),
        },
      })
    const payload = fileURLToPath(new URL('../fixtures/cloudstack/stop.json', import.meta.url))
    expect(await run(['stop', payload, '20'], site.controller.socket)).toMatchObject({
      exit: 1,
      body: { message: expect.stringMatching(/the database is older than the world/) },
    })
  })

  test('what MAAS goes on with by itself comes to its own end', async () => {
    await waitUntil(
      'MAAS gives up on web4',
      () => site.lab.maasStatus(site.lab.world.machine('r1-h8'))?.status === 'Failed deployment',
    )
  })

  test('the plan: host by host what the records say, what the world says, what will be recorded', async () => {
    const said = await site.controller.cli('recover')
    expect([said.code, said.err]).toEqual([0, ''])
    shown = said.out
    if (process.env.FERRULE_TEST_LOG) process.stderr.write(shown)
    const { body } = await call('GET', 'recovery')
    const plan = Object.fromEntries(body.plan.hosts.map((one: { host: string }) => [one.host, one]))
    expect(plan['r1-h1']).toMatchObject({
      verdict: 'rebuilt',
      changes: expect.arrayContaining([
        expect.stringMatching(/networks of web1: blue .*green \(VLAN 102, 02:01:00:66:00:09\)/),
      ]),
    })
    expect(plan['r1-h2']).toMatchObject({
      verdict: 'rebuilt',
      records: expect.stringMatching(/carries db1 \(running\)/),
      changes: expect.arrayContaining([
        expect.stringMatching(/db1 is not on it any more: running -> destroyed/),
        expect.stringMatching(/its disks are dirty/),
      ]),
    })
    expect(plan['r1-h4']).toMatchObject({
      verdict: 'rebuilt',
      records: expect.stringMatching(/carries web2 \(deploying\); deploy \d+ is at work on it/),
      changes: expect.arrayContaining([
        'web2: deploying -> running',
        expect.stringMatching(/ledger: VLAN 101 on .* port 1\/4/),
      ]),
    })
    expect(plan['r1-h6']).toMatchObject({
      verdict: 'attention',
      records: expect.stringMatching(/carries nothing.*disks clean/),
      changes: expect.arrayContaining([
        expect.stringMatching(
          /attention: r1-h6 carries unknown instance [0-9a-f-]{36}; its ports are on VLAN 101/,
        ),
        expect.stringMatching(/ledger: VLAN 101/),
      ]),
    })
    expect(plan['r1-h8']).toMatchObject({
      verdict: 'attention',
      changes: expect.arrayContaining([
        expect.stringMatching(/r1-h8 is Failed deployment in MAAS \(operation \d+\)/),
      ]),
    })
    expect(plan['r2-h2']).toMatchObject({ verdict: 'as-recorded', changes: [] })
    expect(body.plan.operations).toMatchObject([{ kind: 'deploy', instance: 'web2', host: 'r1-h4' }])
    expect(shown).toContain(`ferrule recover --confirm ${body.plan.fingerprint}`)
    for (const { name } of before) expect(shown).toContain(`\n${name}: `)
    expect(site.scene(untouched)).toEqual(before)
  })

  test('confirmed is what was shown, by an administrator, and nothing else', async () => {
    const elsewhere = join(folder, 'second.yaml')
    writeFileSync(elsewhere, `${readFileSync(site.config, 'utf8')}socket: ${folder}/second.sock\n`)
    const second = await startController(elsewhere, site.dataDir)
    expect((await second.call('GET', 'health')).body.status).toBe('recovery')
    const wrong = await site.controller.cli('recover', '--confirm', '0123456789abcdef')
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/is not what was shown.*\(conflict\)/)])
    const fingerprint = /--confirm ([0-9a-f]{16})/.exec(shown)?.[1] ?? ''
    const right = await site.controller.cli('recover', '--confirm', fingerprint)
    expect([right.code, right.err]).toEqual([0, ''])
    expect(right.out).toMatch(
      /recorded: 1 hosts as they were, 3 rebuilt, 2 with attention; operations go on at \d{4}/,
    )
    expect(right.out).toMatch(/recovery mode is over: work has begun/)
    if (process.env.FERRULE_TEST_LOG) process.stderr.write(right.out)
    expect((await call('GET', 'health')).body.status).toBe('ok')
    await waitUntil('the other replica begins too', async () => {
      return (await second.call('GET', 'health')).body.status === 'ok'
    })
    await second.stop()
    // an answer that was lost is given again
    expect(await site.controller.cli('recover', '--confirm', fingerprint)).toEqual(right)
    expect((await site.controller.cli('recover')).out).toMatch(/nothing to recover/)
  })

  test('what was under way by the old records is never gone on with, and nothing that runs was touched', async () => {
    // a whole lease and more: whatever the engine would take over, it has taken over by now
    await pause(12_000)
    const { body } = await call('GET', 'operations?limit=100')
    expect(body.items.filter((one: { endedAt: string | null }) => one.endedAt === null)).toEqual([])
    const lost = body.items.find(
      (one: { error: { code: string } | null }) => one.error?.code === 'recovery-mode',
    )
    expect(lost).toMatchObject({
      kind: 'deploy',
      state: 'undone',
      error: { message: expect.stringMatching(/lost by a restored database/) },
    })
    const steps = (await call('GET', `operations/${lost.id}`)).body.steps
    expect(steps.at(-1)).toMatchObject({ name: 'wait-deployed', state: 'failed' })
    expect(site.scene(untouched)).toEqual(before)
    const events = (await call('GET', 'events?limit=500')).body.items
    const kinds = events.map((one: { kind: string }) => one.kind)
    expect(kinds).toEqual(
      expect.arrayContaining([
        'recovery.confirmed',
        'recovery.host-rebuilt',
        'recovery.host-attention',
        'recovery.instance',
      ]),
    )
    // what is seen of the hosts' power since then may come after it
    const confirmed = events.findLast((one: { kind: string }) => one.kind === 'recovery.confirmed')
    expect(confirmed?.message).toMatch(
      /admin confirmed recovery [0-9a-f]{16}: the database ended at operation \d+/,
    )
  })

  test('nothing is given out twice: only the host that is proven free is chosen', async () => {
    const next = await site.succeeded(await site.deploy('next', 'small', { network: 'green' }))
    expect(await instanceOf('next')).toMatchObject({ host: 'r2-h2', state: 'running' })
    expect(next.number).toBeGreaterThan(1000)
    const none = await site.controller.ended(await site.deploy('none', 'small', { network: 'green' }))
    expect(none).toMatchObject({ state: 'undone', error: { code: 'no-host' } })
    const refused = none.error?.details.refused as { host: string; reasons: string[] }[]
    const reasonOf = (host: string) => refused.find((one) => one.host === host)?.reasons.join()
    expect(reasonOf('r1-h2')).toMatch(/its disks are not proven erased/)
    expect(reasonOf('r1-h4')).toMatch(/carries an instance/)
    expect(reasonOf('r1-h6')).toMatch(/needs attention/)
    expect(reasonOf('r1-h8')).toMatch(/needs attention/)
  })

  test('a rebuilt server is stopped, started and destroyed like any other', async () => {
    expect(await instanceOf('web2')).toMatchObject({ state: 'running', host: 'r1-h4' })
    await site.succeeded(await site.begin('instances/web2/stop'))
    expect(site.lab.world.machine('r1-h4').power()).toBe('off')
    expect(site.portsOf('r1-h4')).toEqual([{ enabled: true, untagged: 10, tagged: [] }])
    await site.succeeded(await site.begin('instances/web2/start'))
    expect(site.lab.world.machine('r1-h4').power()).toBe('on')
    expect(site.portsOf('r1-h4')).toEqual([{ enabled: true, untagged: 101, tagged: [] }])
    expect((await instanceOf('web1')).nics).toMatchObject([
      { network: 'blue', vlan: 101, isDefault: true },
      { network: 'green', vlan: 102, mac: '02:01:00:66:00:09' },
    ])
    const { body } = await call('DELETE', 'instances/web1?erase=quick')
    await site.succeeded(body.operation.id)
    expect(await hostOf('r1-h1')).toMatchObject({ state: 'available', dirty: false })
    expect(site.portsOf('r1-h1').map(({ untagged, tagged }) => [untagged, tagged])).toEqual([
      [10, []],
      [10, []],
    ])
    expect(site.lab.maasStatus(site.lab.world.machine('r1-h1'))?.status).toBe('Ready')
  })

  test('what was lost is erased when a person says so, and free after that', async () => {
    expect(site.lab.world.machine('r1-h6').power()).toBe('on')
    for (const name of ['r1-h2', 'r1-h6', 'r1-h8']) {
      const why = (await call('GET', `why/host/${name}`)).body
      expect(why).toMatchObject({
        well: false,
        action: expect.stringContaining(`ferrule host erase ${name}`),
      })
      await site.succeeded(await site.begin(`hosts/${name}/erase`, { erase: 'quick' }))
      expect(await hostOf(name)).toMatchObject({ state: 'available', dirty: false, attention: null })
      expect(site.lab.world.machine(name).power()).toBe('off')
      expect(site.portsOf(name)).toEqual([{ enabled: true, untagged: 10, tagged: [] }])
      expect(site.lab.maasStatus(site.lab.world.machine(name))?.status).toBe('Ready')
    }
  })
  test('asked for at the start, a recovery finds everything as recorded, and is over with a word', async () => {
    await site.controller.stop()
    await site.start('--recover')
    expect((await call('GET', 'health')).body.status).toBe('recovery')
    const { body } = await call('GET', 'recovery')
    expect(body.plan.hosts.map((one: { verdict: string }) => one.verdict)).toEqual(
      hosts.map(() => 'as-recorded'),
    )
    const reader = await call('POST', 'recovery', { fingerprint: body.plan.fingerprint }, 'frl_nobody')
    expect(reader.status).toBe(401)
    const said = await call('POST', 'recovery', { fingerprint: body.plan.fingerprint })
    expect(said).toMatchObject({ status: 200, body: { left: true, reason: null } })
    expect((await instanceOf('web2')).state).toBe('running')
  })
  test('a database that is lost altogether: racks first, then the hosts come back from MAAS', async () => {
    const ports = untouched.map((name) => site.portsOf(name))
    await site.controller.stop()
    await stopDatabase(site.dataDir)
    loseDatabase(site.dataDir)
    await site.start()
    expect((await call('GET', 'health')).body.status).toBe('recovery')
    const unknown = (await call('GET', 'recovery')).body.plan
    const why = unknown.hosts.map((one: { changes: string[] }) => one.changes.join())
    for (const changes of why)
      expect(changes).toMatch(/attention: .*no rack configuration says which ports it is on/)

    await site.applyRacks()
    const { plan } = (await call('GET', 'recovery')).body
    expect(plan.hosts).toHaveLength(hosts.length)
    const verdicts = plan.hosts.map((one: { verdict: string }) => one.verdict).sort()
    // next and web2 run, and nobody knows them
    expect(verdicts).toEqual(['attention', 'attention', 'rebuilt', 'rebuilt', 'rebuilt', 'rebuilt'])
    const said = await call('POST', 'recovery', { fingerprint: plan.fingerprint })
    expect(said).toMatchObject({ status: 200, body: { left: true, reason: null } })
    expect(untouched.map((name) => site.portsOf(name))).toEqual(ports)

    const all = (await call('GET', 'hosts')).body.items as {
      name: string
      bootMac: string
      state: string
    }[]
    const nameOf = (machine: string) =>
      all.find((one) => one.bootMac === site.lab.world.machine(machine).nics[0]?.mac)?.name ?? machine
    expect(all.map(({ state }) => state).sort()).toEqual([
      'attention',
      'attention',
      'dirty',
      'dirty',
      'dirty',
      'dirty',
    ])
    await site.created('templates', { name: 'jammy', url: 'ubuntu/jammy' })
    await site.created('offerings', { name: 'small', cpuCount: 8, memoryMib: 32_768 })
    await site.created('networks', { name: 'blue', vlan: 101 })
    // its BMC answers to the password that MAAS had, its disks are found by their serials, its ports by their cables
    await site.succeeded(await site.begin(`hosts/${nameOf('r1-h2')}/erase`, { erase: 'quick' }))
    const fence = await site.controller.ended(await site.deploy('again', 'small', { network: 'blue' }))
    expect(fence).toMatchObject({ state: 'undone', error: { code: 'vlan-in-ledger' } })
    await site.succeeded(await site.begin(`hosts/${nameOf('r1-h4')}/erase`, { erase: 'quick' }))
    await site.succeeded(await site.deploy('again', 'small', { network: 'blue' }))
  })
})
