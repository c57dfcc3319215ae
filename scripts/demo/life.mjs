import { large, networks, small } from './furnish.mjs'
import { NotSeen, sideBySide } from './report.mjs'

/** What a tenant's system leaves on every disk once it runs in its own network. */
export const tenantMark = 'TENANT-DATA'
/** On an installed disk at both ends: in the second and in the last sector (UEFI 2.10, 5.3). */
const partitionTable = 'EFI PART'

/** The life of two servers, from deploy to destroy, with the CLI. */
export async function live(stage) {
  const { report, cli, witness, facts } = stage
  const { step } = report
  const web1 = ['instance', 'web1']
  const db1 = ['instance', 'db1']

  report.heading('The life of a server')
  const webNics = [await reserve('blue', 'web1'), await reserve('green', 'web1')]
  const dbNics = [await reserve('blue', 'db1')]
  await sideBySide(
    step(
      'deploy web1 on a host with two NICs, in two networks',
      () => deploy('web1', 'bm.large', webNics, large),
      web1,
    ),
    step('deploy db1 on a host with one NIC', () => deploy('db1', 'bm.small', dbNics, small), db1),
  )
  await step('pull the cable of the active NIC', () => failOver(large, webNics), web1)
  const added = await reserve('green', 'db1')
  await sideBySide(
    step(
      'attach a second network to db1, detach it again',
      async () => {
        await cli.ferrule(['instance', 'attach', 'db1', '--nic', nicText(added)])
        const attached = await witness.seePorts(small, networks.blue, [networks.green])
        // the port carries it; the tenant brings the interface up in the system
        await witness.lab.post(`/machines/${small}/system/vlans`, { vlan: networks.green, mac: added.mac })
        const leases = await witness.seeLeases(small, [...dbNics, added])
        await cli.ferrule(['instance', 'detach', 'db1', 'green'])
        return `attached: ${attached}; ${leases}\ndetached: ${await witness.seePorts(small, networks.blue)}`
      },
      db1,
    ),
    powerWalk(),
  )
  await sideBySide(
    step('destroy web1 with full erase', () => destroy('web1', large, 'full'), web1),
    step('destroy db1', () => destroy('db1', small, 'full'), db1),
  )

  report.heading('Once more on the same host, with quick erase')
  const again = [await reserve('blue', 'web2'), await reserve('green', 'web2')]
  const web2 = ['instance', 'web2']
  await step('deploy web2 on the same host', () => deploy('web2', 'bm.large', again, large), web2)
  await step('destroy web2 with quick erase', () => destroy('web2', large, 'quick'), web2)
  return [...webNics, ...dbNics, added, ...again]

  /** CloudStack's part: it allocates MAC and address before the server exists. */
  async function reserve(network, hostname) {
    const vlan = networks[network]
    const userData = `#cloud-config\nwrite_files: [{ path: /etc/demo, content: "user data of ${hostname}" }]\n`
    return {
      network,
      vlan,
      hostname,
      ...(await witness.lab.post(`/networks/${vlan}/nics`, { hostname, userData })),
    }
  }

  async function deploy(name, offering, nics, host) {
    const nicWords = nics.flatMap((nic) => ['--nic', nicText(nic)])
    const words = ['instance', 'deploy', name, '--template', 'ubuntu-jammy', '--offering', offering]
    await cli.ferrule([...words, ...nicWords])
    const [first, ...others] = nics.map(({ vlan }) => vlan)
    const ports = await witness.seePorts(host, first, others)
    const leases = await witness.seeLeases(host, nics)
    await witness.seeBytes(host, tenantMark, true)
    const { interfaces, disks } = await witness.machine(host)
    const [face] = interfaces
    // one NIC or two: the MAC that CloudStack allocated is the bond's, and the NICs keep their own
    await witness.see(`the first interface of ${host} is a bond`, async () => /^bond/.test(face.name), true)
    const root = `${disks[0].name}/contains?${new URLSearchParams({ text: `user data of ${name}` })}`
    const wrote = async () => (await witness.lab.get(`/machines/${host}/disks/${root}`)).contains
    await witness.see("the tenant's user data has run", wrote, true)
    return `${host}: ${ports}; ${face.name} on ${face.activeNic}: ${leases}; user data has run`
  }

  async function failOver(host, nics) {
    const link = (nic, up) => witness.lab.post(`/machines/${host}/nics/${nic}/link`, { up })
    const active = async () => (await witness.machine(host)).interfaces[0]?.activeNic
    const before = await active()
    const other = before === 'eno1' ? 'eno2' : 'eno1'
    await link(before, false)
    await witness.see(`the active NIC of the bond of ${host}`, active, other)
    const leases = await witness.seeLeases(host, nics)
    await link(before, true)
    return `the bond goes on over ${other}: ${leases}`
  }

  async function powerWalk() {
    const { maas } = await witness.machine(large)
    const deploysBefore = await deployEvents(maas.systemId)
    await step(
      'stop web1',
      async () => {
        await cli.ferrule(['instance', 'stop', 'web1'])
        return `${await witness.seePower(large, 'off')}; ${await witness.seePorts(large, facts.pxeVlan)}`
      },
      web1,
    )
    await step(
      'start web1: power on only',
      async () => {
        await cli.ferrule(['instance', 'start', 'web1'])
        const ports = await witness.seePorts(large, networks.blue, [networks.green])
        const leases = await witness.seeLeases(large, webNics)
        const deploys = await deployEvents(maas.systemId)
        if (deploys !== deploysBefore) throw new NotSeen('deployments in MAAS', deploysBefore, deploys)
        return `${ports}; ${leases}; ${await witness.seeMaas(large, 'Deployed')} and did nothing`
      },
      web1,
    )
    await step(
      'reboot web1',
      async () => {
        const boots = await witness.bootCount(large)
        await cli.ferrule(['instance', 'reboot', 'web1'])
        await witness.see(`boots of ${large}`, async () => witness.bootCount(large), boots + 1)
        return `boot ${boots + 1} of the same system; ${await witness.seeLeases(large, webNics)}`
      },
      web1,
    )
  }

  async function deployEvents(systemId) {
    const events = await witness.maasEvents(systemId)
    return events.filter(({ type, description }) => /deploy/i.test(`${type} ${description}`)).length
  }

  async function destroy(name, host, erase) {
    await cli.ferrule(['instance', 'destroy', name, '--erase', erase])
    const rest = [
      await witness.seePower(host, 'off'),
      await witness.seePorts(host, facts.pxeVlan),
      await witness.seeMaas(host, 'Ready'),
    ]
    const [certificate] = await cli.ferrule(['host', 'certificates', host])
    await witness.see('method on the newest certificate', async () => certificate.body.method, erase)
    await witness.see('the certificate says proven', async () => certificate.proven, true)
    return [await seeErased(host, erase), ...rest, `certificate: ${certificate.body.statement}`].join('; ')
  }

  async function seeErased(host, erase) {
    if (erase === 'full') return witness.seeBlankDisks(host)
    await witness.seeBytes(host, partitionTable, false)
    await witness.seeBytes(host, tenantMark, true)
    return 'partition tables at both ends of each disk gone, the data between still there'
  }
}

function nicText({ network, mac }) {
  return `network=${network},mac=${mac}`
}
