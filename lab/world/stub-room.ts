import { type StubBootServer, type StubFabric, stubBootServer, stubDhcp, stubFabric } from './stub-parts.ts'
import type { InstalledSystem, World, WorldMachine } from './types.ts'
import { createWorld } from './world.ts'

export const PXE = 10
export const TENANT = 200

/** A whole world for tests, without waiting: switches, MAAS and its DHCP are stubs; all ports are in the PXE VLAN. */
export interface StubRoom {
  world: World
  fabric: StubFabric
  maas: StubBootServer
  /** Two NICs, two disks. */
  large: WorldMachine
  /** One of each. */
  small: WorldMachine
  /** Moves all ports of a machine into another VLAN. */
  move(machine: WorldMachine, vlan: number, tagged?: number[]): void
}

export function stubRoom(seed = 1): StubRoom {
  const world = createWorld({
    seed,
    scale: Number.POSITIVE_INFINITY,
    site: 40,
    bmcPort: 623,
    startAt: 1_800_000_000_000,
  })
  const fabric = stubFabric(PXE)
  const maas = stubBootServer(PXE)
  world.connect({ fabric, bootServer: maas })
  world.dhcpServers.set(PXE, stubDhcp(PXE, 'all'))
  return {
    world,
    fabric,
    maas,
    large: world.machine('r1-h1'),
    small: world.machine('r1-h2'),
    move(machine, vlan, tagged = []) {
      for (const { cable } of machine.nics) fabric.set(cable, { untagged: vlan, tagged })
    },
  }
}

/** Installs through MAAS's environment, as a deploy does, and reboots; from then on MAAS says boot from disk. */
export async function deploy(room: StubRoom, machine: WorldMachine, system: InstalledSystem): Promise<void> {
  const mac = machine.nics[0]?.mac ?? ''
  room.maas.answers.set(mac, {
    kind: 'ephemeral',
    purpose: 'deploy',
    async run(host) {
      host.install(system)
      room.maas.answers.set(mac, { kind: 'local' })
      host.reboot()
    },
  })
  machine.bootFlags = { valid: true, persistent: false, efi: true, device: 'network' }
  machine.powerOn()
  await until(() => machine.running().kind === 'system')
}

export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never: ${holds.toString()}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export async function untilUp(machine: WorldMachine): Promise<void> {
  await until(() => {
    const running = machine.running()
    return running.kind === 'system' && running.phase === 'up'
  })
}

export const CLOUDSTACK_MAC = '06:aa:bb:00:00:01'

/** What MAAS's installer leaves: bond with CloudStack's MAC, MAAS datasource and reporting. */
export function maasSystem(machine: WorldMachine, more: Record<string, string> = {}): InstalledSystem {
  const names = machine.nics.map((nic) => nic.name)
  const ethernets = machine.nics.map(
    ({ name, mac }) => `    ${name}: {match: {macaddress: "${mac}"}, set-name: ${name}, mtu: 1500}\n`,
  )
  const keys = 'consumer_key: ck, token_key: tk, token_secret: ts'
  return {
    hostname: machine.name,
    image: 'ubuntu/jammy',
    cloudInit: true,
    files: {
      '/etc/netplan/50-cloud-init.yaml':
        `network:\n  version: 2\n  ethernets:\n${ethernets.join('')}  bonds:\n    bond0:\n      dhcp4: true\n` +
        `      macaddress: "${CLOUDSTACK_MAC}"\n      interfaces: [${names.join(', ')}]\n      parameters: {mode: active-backup}\n`,
      '/etc/cloud/cloud.cfg.d/90_maas_datasource.cfg': 'datasource_list: [ MAAS ]',
      '/etc/cloud/cloud.cfg.d/90_maas_cloud_config.cfg': `#cloud-config\ndatasource:\n  MAAS: {metadata_url: "http://127.40.0.1:5248/MAAS/metadata/", ${keys}}\n`,
      '/etc/cloud/cloud.cfg.d/90_maas_cloud_init_reporting.cfg': `#cloud-config\nreporting:\n  maas: {type: webhook, endpoint: "http://127.40.0.1:5248/MAAS/metadata/status/abc123", ${keys}}\n`,
      '/etc/cloud/cloud.cfg.d/90_dpkg_local_cloud_config.cfg': 'manual_cache_clean: true\n',
      ...more,
    },
  }
}

/** A hand-over as Ferrule's: everything of MAAS goes, CloudStack's data source comes, then off. */
export const HAND_OVER = `#cloud-config
write_files:
  - path: /etc/cloud/cloud.cfg.d/99_tenant.cfg
    content: |
      datasource_list: [ CloudStack, None ]
      manual_cache_clean: false
      network: {config: disabled}
runcmd:
  - rm -f /etc/cloud/cloud.cfg.d/90_*.cfg
  - [cloud-init, clean, --logs]
power_state: {mode: poweroff}
`
