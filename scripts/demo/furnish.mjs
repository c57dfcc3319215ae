import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bmcPlace } from '../start/bmc.mjs'
import { sideBySide } from './report.mjs'

/** The two hosts of the walk: one has two NICs, IPMI, and is new to MAAS; the other one NIC, Redfish, and is known there. */
export const large = 'r1-h1'
export const small = 'r2-h2'

export const networks = { blue: 101, green: 102 }

/** From an empty Ferrule to hosts in the pool and something to deploy on them. */
export async function furnish({ report, cli, witness, facts, places }) {
  const { step } = report
  report.heading('The site')
  await step('apply the rack configuration of the design', async () => {
    const file = join(places.data, 'racks.json')
    writeFileSync(file, JSON.stringify(await witness.lab.get('/rack-file'), null, 2), { mode: 0o600 })
    const { switches } = await cli.ferrule(['rack', 'apply', file, '--name', 'lab'])
    const ports = switches.reduce((sum, one) => sum + one.ports.length, 0)
    const cables = facts.machines.reduce((sum, { nics }) => sum + nics.length, 0)
    await witness.see('ports that carry a host', async () => ports, cables)
    return `${switches.length} Force10 switches, ${ports} ports: as many as the room has cables`
  })
  const before = await Promise.all([witness.machine(large), witness.machine(small)])
  await sideBySide(
    step(`add a host: enlist and commission ${large}`, () => add(large, before[0], null), ['host', large]),
    step(`adopt ${small}, which MAAS has`, () => add(small, before[1], before[1].maas?.systemId), [
      'host',
      small,
    ]),
  )
  await step('register a template whose URL is a MAAS image', async () => {
    const { image } = await cli.ferrule(['template', 'register', 'ubuntu-jammy', '--url', 'ubuntu/jammy'])
    return `MAAS has ${image}; nothing is downloaded`
  })
  await sideBySide(
    step('offerings with the BareMetalPlanner', async () => {
      const made = await Promise.all([
        cli.ferrule(['offering', 'create', 'bm.large', '--cpus', '16', '--memory', '64G']),
        cli.ferrule(['offering', 'create', 'bm.small', '--cpus', '8', '--memory', '32G']),
      ])
      return made.map((one) => `${one.name}: ${one.cpuCount} CPUs, ${one.planner}`).join('; ')
    }),
    step('networks', async () => {
      for (const [name, vlan] of Object.entries(networks)) {
        await witness.lab.post('/networks', { name, vlan, cidr: `10.${vlan}.0.0/24` })
        await cli.ferrule(['network', 'create', name, '--vlan', String(vlan)])
      }
      const routers = await witness.lab.get('/networks')
      return routers.map(({ name, vlan, cidr }) => `${name}: VLAN ${vlan}, ${cidr}`).join('; ')
    }),
  )

  async function add(name, seenBefore, systemId) {
    await witness.see(`MAAS knows ${name}`, async () => seenBefore.maas !== null, systemId !== null)
    const machine = facts.machines.find((one) => one.name === name)
    const { bmc, nics, cpuCount, memoryMiB } = machine
    const { address, fingerprint, sshFingerprint } = bmcPlace(machine)
    await cli.ferrule(
      [
        ...['host', 'add', name, '--bmc', address, '--bmc-user', bmc.username],
        ...(fingerprint === undefined ? [] : ['--bmc-fingerprint', fingerprint]),
        ...(sshFingerprint === undefined ? [] : ['--bmc-ssh-fingerprint', sshFingerprint]),
        ...['--mac', nics[0].mac, '--cpus', String(cpuCount), '--memory', String(memoryMiB)],
      ],
      { FERRULE_BMC_PASSWORD: bmc.password },
    )
    const { maas } = await witness.machine(name)
    if (systemId) await witness.see(`MAAS's id of ${name}`, async () => maas.systemId, systemId)
    return [
      systemId ? `MAAS still calls it ${systemId}: no duplicate` : `MAAS calls it ${maas.systemId}`,
      await witness.seeMaas(name, 'Ready'),
      await witness.seePower(name, 'off'),
      await witness.seePorts(name, facts.pxeVlan),
      await witness.seeBlankDisks(name),
    ].join('; ')
  }
}
