import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { checkConfig, loadConfig } from './load.ts'
import { configJsonSchema } from './schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'ferrule-config-'))
const file = join(folder, 'ferrule.yaml')

afterAll(() => rmSync(folder, { recursive: true }))

function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(file, yaml)
  return loadConfig({ file, env })
}

function faultsOf(yaml: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(file, yaml)
  return checkConfig({ file, env }).faults
}

const network = 'network: {pxeVlan: 10, quarantineVlan: 999, vlanRange: {from: 100, to: 899}}'

describe('loadConfig', () => {
  test('has a default for everything', () => {
    const config = loadConfig({ env: {}, cwd: '/srv' })
    expect(config).toMatchObject({
      file: null,
      installation: 'main',
      listen: { host: '127.0.0.1', port: 8420 },
      dataDir: '/srv/.ferrule',
      socket: '/srv/.ferrule/ferrule.sock',
      enabled: false,
      erase: { policy: 'full' },
      stop: { ports: 'park', graceSeconds: 120 },
      deadlines: { handOver: 900_000, claim: 600_000, pxeSign: 600_000, softOff: 120_000 },
      observers: { powerEvery: 60_000, powerAtOnce: 512, powerPerSubnet: 50 },
    })
  })

  test('carries the two CloudStack settings as the design writes them', () => {
    const url = 'MaasIP=127.9.0.1;MaasKey=k;MaasSecret=s;MaasConsumerKey=c'
    const lines = [
      'external.baremetal.resource.classname: org.apache.cloudstack.compute.maas.MaasResourceProvider',
      `external.baremetal.system.url: ${url}`,
    ]
    for (const yaml of [lines.join('\n'), `settings:\n  ${lines.join('\n  ')}`]) {
      expect(load(yaml)).toMatchObject({ enabled: true, settings: { systemUrl: url } })
    }
    expect(load('external.baremetal.resource.classname: com.example.Other').enabled).toBe(false)
  })

  test('the environment overrides the file', () => {
    const config = load(`listen: {port: 1}\n${network}`, {
      FERRULE_LISTEN_PORT: '9000',
      FERRULE_INSTALLATION: '007',
      FERRULE_NETWORK_VLAN_RANGE_TO: '200',
      FERRULE_IMAGES_ALIASES: '{rocky: custom/rocky}',
      FERRULE_EXTERNAL_BAREMETAL_RESOURCE_CLASSNAME: 'x',
    })
    expect(config.listen.port).toBe(9000)
    expect(config.installation).toBe('007')
    expect(config.network?.vlanRange).toEqual({ from: 100, to: 200 })
    expect(config.images.aliases).toEqual({ rocky: 'custom/rocky' })
    expect(config.settings.classname).toBe('x')
  })

  test('finds the file by argument, then --config, then FERRULE_CONFIG', () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.yaml`), `installation: ${name}`)
    const env = { FERRULE_CONFIG: 'a.yaml' }
    expect(loadConfig({ env, cwd: folder }).installation).toBe('a')
    expect(loadConfig({ env, cwd: folder, argv: ['serve', '--config', 'b.yaml'] }).installation).toBe('b')
    expect(loadConfig({ env, cwd: folder, argv: ['--config=b.yaml'] }).installation).toBe('b')
    expect(loadConfig({ env, cwd: folder, argv: ['--config=b.yaml'], file: 'c.yaml' }).installation).toBe('c')
  })

  test('relative paths start at the folder of the file', () => {
    writeFileSync(join(folder, 'key'), 'c:k:s', { mode: 0o600 })
    const config = load(
      'dataDir: data\nsocket: run/x.sock\nmaas: {url: "http://127.9.0.1:5240/MAAS", key: "file:key"}',
    )
    expect(config.dataDir).toBe(join(folder, 'data'))
    expect(config.socket).toBe(join(folder, 'run/x.sock'))
    expect(config.maas?.key).toBe(`file:${join(folder, 'key')}`)
  })

  test('DATABASE_URL is used unless database.url says otherwise', () => {
    const env = { DATABASE_URL: 'postgresql://x', OTHER: 'postgresql://y' }
    expect(load('', env).database.url).toBe('env:DATABASE_URL')
    expect(load('database: {url: env:OTHER}', env).database.url).toBe('env:OTHER')
  })

  test('timeScale shortens what waits on the world and nothing else', () => {
    const config = load('timeScale: 60\ndeadlines: {deploy: 40m, release: 2s}\npoll: {maas: 6s}')
    expect(config.deadlines).toMatchObject({
      deploy: 40_000,
      release: 2000,
      deviceTimeout: 30_000,
      switchLease: 60_000,
    })
    expect(config.poll).toMatchObject({ maas: 100, lease: 100 })
    expect(config.replica.lease).toBe(10_000)
  })

  test('is frozen to its depth', () => {
    const config = load(network)
    expect(Object.isFrozen(config.network?.vlanRange)).toBe(true)
    expect(Object.isFrozen(config.deadlines)).toBe(true)
  })

  test('throws one error with every fault', () => {
    expect(() => load('listen: {port: 99999}\nerase: {policy: never}')).toThrow(
      /listen\.port[\s\S]*erase\.policy/,
    )
  })
})

describe('checkConfig names every fault at once', () => {
  test('values, unknown names and missing ones, each with what was seen and what to do', () => {
    const faults = faultsOf(`
installation: Main Office
listen: {port: 99999, prot: 1}
network: {pxeVlan: ten, quarantineVlan: 999}
stop: {ports: leave}
deadlines: {deploy: 40 minutes}
maas: {url: "ftp://somewhere"}
`)
    expect(Object.fromEntries(faults.map(({ path, problem }) => [path, problem]))).toEqual({
      installation: 'may only hold a-z, 0-9 and -',
      'listen.port': 'is too big',
      'listen.prot': 'is no known setting',
      'network.pxeVlan': 'must be a number',
      'network.vlanRange': 'is missing',
      'stop.ports': 'is none of the allowed values',
      'deadlines.deploy': 'is no duration such as 90s, 40m or 1.5h',
      'maas.url': 'is no http or https address',
      'maas.key': 'is missing',
    })
    expect(faults.find(({ path }) => path === 'listen.port')).toMatchObject({
      seen: '99999',
      remedy: 'Use 65535 or less.',
    })
    for (const fault of faults) expect(fault.remedy).toMatch(/\w.*\.$|ferrule\.schema\.json/)
  })

  test('contradictions', () => {
    const faults = faultsOf('network: {pxeVlan: 10, quarantineVlan: 10, vlanRange: {from: 200, to: 100}}')
    expect(faults.map(({ path }) => path)).toEqual(['network.vlanRange', 'network.quarantineVlan'])
    expect(faultsOf('observers: {keepBmcSessions: true}')).toMatchObject([
      { path: 'observers.keepBmcSessions', seen: 'powerEvery of 60s' },
    ])
    expect(faultsOf('observers: {keepBmcSessions: true, powerEvery: 30s}')).toEqual([])
  })

  test('MAAS enabled but nowhere given, and given twice', () => {
    const classname =
      'external.baremetal.resource.classname: org.apache.cloudstack.compute.maas.MaasResourceProvider'
    expect(faultsOf(classname)).toMatchObject([{ path: 'maas', seen: 'nothing' }])
    const twice = 'external.baremetal.system.url: MaasIP=x\nmaas: {url: http://x/MAAS, key: env:KEY}'
    expect(faultsOf(twice, { KEY: 'c:k:s' })).toMatchObject([{ path: 'maas' }])
  })

  test('secrets that are missing or open to others', () => {
    const key = join(folder, 'open')
    writeFileSync(key, 'hunter2')
    chmodSync(key, 0o644)
    const faults = faultsOf(`database: {url: env:NOT_THERE}\nmaas: {url: http://x/MAAS, key: "file:${key}"}`)
    expect(faults.map(({ path }) => path)).toEqual(['database.url', 'maas.key'])
    expect(faults[1]?.remedy).toContain('chmod 0600')
  })

  test('a mistyped override', () => {
    expect(faultsOf('', { FERRULE_LISTEN_PROT: '1', FERRULE_TOKEN: 'x' })).toMatchObject([
      { path: 'environment FERRULE_LISTEN_PROT' },
    ])
  })

  test('text that is no YAML, by line and column', () => {
    expect(faultsOf('listen:\n  port: [1\ninstallation: x')[0]?.path).toMatch(/ferrule\.yaml:\d+:\d+$/)
    expect(faultsOf('just words')).toMatchObject([{ problem: 'must be a mapping' }])
    expect(checkConfig({ file: join(folder, 'none.yaml'), env: {} }).faults).toMatchObject([
      { seen: 'ENOENT' },
    ])
  })

  test('never shows a secret, wherever it was written', () => {
    const places = [
      'maas: {url: http://x/MAAS, key: "c:k:hunter2"}',
      'database: {url: "postgresql://u:hunter2@h/d"}',
      'masterKey: [hunter2]',
      'maas: {url: "x:hunter2", key: "c:k:hunter2"}',
      'external.baremetal.system.url: {a: hunter2}',
      'external.baremetal.system.url: MaasSecret=hunter2\nlisten: [hunter',
      'maas: {url: http://x/MAAS, key: "c:k:hunter2\nlisten: 1',
    ]
    for (const yaml of places) {
      const faults = faultsOf(yaml)
      expect(faults.length).toBeGreaterThan(0)
      expect(JSON.stringify(faults)).not.toContain('hunter')
    }
  })
})

test('the published JSON Schema is the one that validates (npm run schema:config)', () => {
  const published = readFileSync(new URL('../../docs/reference/ferrule.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
})
