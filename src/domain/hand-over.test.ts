import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type HandOver, handOverUserData } from './hand-over.ts'

const options: HandOver = {
  osFamily: 'ubuntu',
  hostname: 'web-1',
  defaultMac: '06:AA:BB:00:00:01',
  bondName: 'bond0',
  taggedNics: [
    { vlan: 101, mac: '06:aa:bb:00:00:02', ip6: '2001:db8::4aa:bbff:fe00:2/64' },
    { vlan: 102, mac: '06:aa:bb:00:00:03', mtu: 9000 },
  ],
}

interface WrittenFile {
  path: string
  permissions: string
  content: string
  defer: boolean
}

function cloudConfig(change: Partial<HandOver> = {}) {
  const text = handOverUserData({ ...options, ...change })
  expect(text.startsWith('#cloud-config\n')).toBe(true)
  return parse(text) as { write_files: WrittenFile[]; runcmd: string[] } & Record<string, unknown>
}

function written(path: string, change: Partial<HandOver> = {}): WrittenFile | undefined {
  return cloudConfig(change).write_files.find((file) => file.path === path)
}

describe('a seed for a network that serves nothing', () => {
  const seed = {
    instanceId: 'u-1',
    hostname: 'web1',
    sshKeys: ['ssh-rsa A a'],
    userData: "#cloud-config\n'x': |\n",
  }
  interface Encoded {
    path: string
    permissions: string
    encoding?: string
    content: string
  }
  const files = (text: string): Encoded[] => parse(text).write_files
  const named = (text: string, name: string) => files(text).find(({ path }) => path.endsWith(name))

  test('lies where NoCloud looks, for root alone, and is the only data source', () => {
    const text = handOverUserData({ ...options, seed })
    const [metaData, userData] = ['/seed/nocloud/meta-data', '/seed/nocloud/user-data'].map((name) => {
      const file = named(text, name)
      expect(file).toMatchObject({ permissions: '0600', encoding: 'b64' })
      return Buffer.from(file?.content ?? '', 'base64').toString()
    })
    expect(parse(metaData ?? '')).toEqual({
      ...{ 'instance-id': 'u-1', 'local-hostname': 'web1', 'public-keys': ['ssh-rsa A a'] },
    })
    expect(userData).toBe(seed.userData)
    expect(named(text, '99-ferrule.cfg')?.content).toContain('datasource_list: [ NoCloud, None ]\n')
    expect(text).not.toContain('CloudStack, None')
    // nobody in such a network has a password to give
    expect(text).not.toContain('passwords')
    // nothing of the tenant's runs in the PXE VLAN: this boot's own user data has neither
    expect(parse(text)).toMatchObject({ users: [], allow_public_ssh_keys: false })
  })

  test('without one the virtual router is asked', () => {
    const text = handOverUserData(options)
    expect(named(text, '/seed/nocloud/user-data')).toBeUndefined()
    expect(named(text, '99-ferrule.cfg')?.content).toContain('datasource_list: [ CloudStack, None ]\n')
  })
})

describe('the hand-over user-data', () => {
  test('names the host, brings no key and no user of MAAS, and switches off in the end', () => {
    expect(cloudConfig()).toMatchObject({
      hostname: 'web-1',
      users: [],
      allow_public_ssh_keys: false,
      runcmd: ['sh /var/lib/ferrule/hand-over.sh'],
      power_state: { mode: 'poweroff', timeout: 30, condition: true, delay: 'now' },
    })
  })

  test('writes its files in the last stage, so that this boot still reports to MAAS', () => {
    expect(cloudConfig().write_files.map((file) => file.defer)).toEqual([true, true, true])
  })

  test('ties the next boot to CloudStack', () => {
    const settings = written('/etc/cloud/cloud.cfg.d/99-ferrule.cfg')?.content ?? ''
    expect(parse(settings)).toEqual({
      datasource_list: ['CloudStack', 'None'],
      datasource: { CloudStack: { max_wait: 120, timeout: 10 } },
      manual_cache_clean: false,
      reporting: { maas: null },
      network: { config: 'disabled' },
    })
    expect(settings).toMatch(/^datasource_list: \[ CloudStack, None \]$/m)
  })

  test('adds each tagged network on the bond, with its own MAC, for root’s eyes only', () => {
    const netplan = written('/etc/netplan/60-ferrule.yaml')
    expect(netplan?.permissions).toBe('0600')
    const routes = { 'dhcp4-overrides': { 'use-routes': false }, 'accept-ra': false }
    const common = { link: 'bond0', dhcp4: true, ...routes, optional: true }
    const addresses = ['2001:db8::4aa:bbff:fe00:2/64']
    expect(parse(netplan?.content ?? '')).toEqual({
      network: {
        version: 2,
        vlans: {
          'bond0.101': { ...common, id: 101, macaddress: '06:aa:bb:00:00:02', addresses },
          'bond0.102': { ...common, id: 102, macaddress: '06:aa:bb:00:00:03', mtu: 9000 },
        },
      },
    })
  })

  test('without tagged networks there is no file for them', () => {
    expect(written('/etc/netplan/60-ferrule.yaml', { taggedNics: [] })).toBeUndefined()
  })

  test('does not call cloud-init clean, which would break the next boot from inside', () => {
    expect(written('/var/lib/ferrule/hand-over.sh')?.content).not.toMatch(/^[^#]*cloud-init clean/m)
  })
})

describe('it refuses', () => {
  test.each<[string, Partial<HandOver>, string]>([
    ['another operating system', { osFamily: 'windows' }, 'check-failed'],
    ['a host name that YAML or a shell would read', { hostname: 'a: b' }, 'invalid-input'],
    ['a MAC that is none', { defaultMac: '' }, 'invalid-input'],
    ['a bond name with more in it', { bondName: 'bond0: {}' }, 'invalid-input'],
    ['a VLAN out of range', { taggedNics: [{ vlan: 4095, mac: '06:aa:bb:00:00:02' }] }, 'invalid-input'],
    [
      'an MTU out of range',
      { taggedNics: [{ vlan: 5, mac: '06:aa:bb:00:00:02', mtu: 12 }] },
      'invalid-input',
    ],
    [
      'an IPv6 address with more in it',
      { taggedNics: [{ vlan: 5, mac: '06:aa:bb:00:00:02', ip6: '2001:db8::1/64", "::1/0' }] },
      'invalid-input',
    ],
    [
      'a VLAN twice',
      { taggedNics: [1, 2].map((last) => ({ vlan: 5, mac: `06:aa:bb:00:00:0${last}` })) },
      'invalid-input',
    ],
  ])('%s', (_, change, code) => {
    expect(() => handOverUserData({ ...options, ...change })).toThrow(expect.objectContaining({ code }))
  })
})

describe('its script, run on the files of an installed system', () => {
  const NODE_TOKEN = 'oauth_consumer_key=AAA&oauth_token_key=BBB&oauth_token_secret=CCC'
  const debconf = [
    'Name: cloud-init/datasources\nTemplate: cloud-init/datasources\nValue: MAAS\nOwners: cloud-init\nFlags: seen\n',
    `Name: cloud-init/maas-metadata-credentials\nTemplate: cloud-init/maas-metadata-credentials\nValue: ${NODE_TOKEN}\nOwners: cloud-init\n`,
    `Name: cloud-init-base/local-cloud-config\nTemplate: x\nValue: manual_cache_clean: true\\nreporting: ${NODE_TOKEN}\nOwners: cloud-init-base\n`,
    'Name: grub-pc/timeout\nTemplate: grub-pc/timeout\nValue: 5\nOwners: grub-pc\n',
  ].join('\n')
  const keep = {
    '/etc/netplan/50-cloud-init.yaml':
      'network: {bonds: {bond0: {macaddress: "06:aa:bb:00:00:01", dhcp4: true}}}\n',
    '/etc/cloud/cloud.cfg': 'disable_root: true\n',
    '/etc/cloud/cloud.cfg.d/05_logging.cfg': 'output: {}\n',
    '/etc/cloud/cloud.cfg.d/50-curtin-networking.cfg': 'network: {version: 2}\n',
    '/etc/apt/apt.conf.d/01autoremove': 'APT {};\n',
    '/var/lib/cloud/instances/abc123/boot-finished': 'now\n',
    '/var/lib/cloud/data/previous-instance-id': 'abc123\n',
    '/etc/ssh/sshd_config': 'UsePAM yes\n',
  }
  const drop = {
    '/etc/cloud/cloud.cfg.d/90_maas_datasource.cfg': 'datasource_list: [ MAAS ]\n',
    '/etc/cloud/cloud.cfg.d/90_maas_cloud_config.cfg': `datasource: {MAAS: {token_key: ${NODE_TOKEN}}}\n`,
    '/etc/cloud/cloud.cfg.d/90_maas_cloud_init_reporting.cfg': `reporting: {maas: {token: ${NODE_TOKEN}}}\n`,
    '/etc/cloud/cloud.cfg.d/90_maas_ubuntu_sso.cfg': 'snap: {}\n',
    '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ MAAS ]\n',
    '/etc/cloud/cloud.cfg.d/90_dpkg_maas.cfg': `datasource: ${NODE_TOKEN}\n`,
    '/etc/cloud/cloud.cfg.d/90_dpkg_local_cloud_config.cfg': `manual_cache_clean: true\nreporting: ${NODE_TOKEN}\n`,
    '/etc/apt/apt.conf.d/90curtin-aptproxy': 'Acquire::http::Proxy "http://10.10.0.2:8000/";\n',
    '/etc/rsyslog.d/20-cloud-config.conf': '*.* @10.10.0.2:5247\n',
    '/etc/systemd/timesyncd.conf.d/cloud-init.conf': '[Time]\nNTP=10.10.0.2\n',
    '/root/curtin-install-cfg.yaml': `reporting: ${NODE_TOKEN}\n`,
    '/var/log/installer/curtin-install.log': NODE_TOKEN,
    '/var/log/cloud-init.log': NODE_TOKEN,
    '/var/lib/cloud/instances/abc123/obj.pkl': NODE_TOKEN,
    '/var/lib/cloud/sem/config_scripts_per_once.once': '',
    '/var/cache/debconf/config.dat-old': NODE_TOKEN,
  }

  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ferrule-hand-over-'))
    for (const [path, text] of Object.entries({ ...keep, ...drop, '/var/cache/debconf/config.dat': debconf }))
      put(path, text)
    for (const { path, content } of cloudConfig().write_files) put(path, content)
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  function put(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  /** Every absolute path of the script is moved below `root`. */
  function run(): string {
    const script = written('/var/lib/ferrule/hand-over.sh')?.content ?? ''
    const moved = script.replaceAll(/(?<![\w/*])\/(?=(etc|var|root)\/)/g, `${root}/`)
    return execFileSync('sh', ['-c', moved], { encoding: 'utf8', timeout: 10_000 })
  }

  const text = (path: string) => readFileSync(join(root, path), 'utf8')

  test('removes what ties it to MAAS and keeps the rest', () => {
    run()
    expect(Object.keys(drop).filter((path) => existsSync(join(root, path)))).toEqual([])
    for (const [path, content] of Object.entries(keep)) expect(text(path)).toBe(content)
    expect(text('/etc/cloud/cloud.cfg.d/99-ferrule.cfg')).toContain('CloudStack')
    expect(text('/etc/netplan/60-ferrule.yaml')).toContain('bond0.101')
    expect(existsSync(join(root, '/var/lib/ferrule'))).toBe(false)
  })

  test('leaves the node’s credentials nowhere', () => {
    run()
    expect(() => execFileSync('grep', ['-rl', 'oauth_token', root])).toThrow(
      expect.objectContaining({ status: 1 }),
    )
  })

  test('an upgrade of cloud-init finds CloudStack in debconf, and other packages’ answers are untouched', () => {
    run()
    const records = text('/var/cache/debconf/config.dat')
    expect(records).toContain(
      'Name: cloud-init/datasources\nTemplate: cloud-init/datasources\nValue: CloudStack, None\nOwners',
    )
    expect(records).toContain(
      'Name: cloud-init/maas-metadata-credentials\nTemplate: cloud-init/maas-metadata-credentials\nValue:\nOwners',
    )
    expect(records).toContain('Template: grub-pc/timeout\nValue: 5\n')
  })

  test('may run twice, and on a system that has none of these files', () => {
    run()
    const after = text('/var/cache/debconf/config.dat')
    run()
    expect(text('/var/cache/debconf/config.dat')).toBe(after)
    rmSync(join(root, 'var/cache'), { recursive: true })
    expect(run()).toContain('handed over')
  })

  test('has the password set at each boot, as CloudStack asks of a template, under both names that the module had', () => {
    const before = 'cloud_config_modules:\n - locale\n - set-passwords\n'
    put('/etc/cloud/cloud.cfg', `${before}  - set_passwords\n # - set_passwords\n - set_passwords_not\n`)
    run()
    const after =
      'cloud_config_modules:\n - locale\n - [set-passwords, always]\n  - [set_passwords, always]\n # - set_passwords\n - set_passwords_not\n'
    expect(text('/etc/cloud/cloud.cfg')).toBe(after)
    run()
    expect(text('/etc/cloud/cloud.cfg')).toBe(after)
  })

  test('says so when no network file has CloudStack’s MAC', () => {
    expect(run()).not.toContain('has the MAC')
    put('/etc/netplan/50-cloud-init.yaml', 'network: {}\n')
    expect(run()).toContain('has the MAC 06:aa:bb:00:00:01')
  })
})
