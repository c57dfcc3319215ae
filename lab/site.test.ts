import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { rackFile } from './rack-file.ts'
import { freeSite, planSite } from './site.ts'

const plan = planSite({ site: 77, seed: 1, bmcPort: 623, httpsPort: 443, sshPort: 22 })

test('two racks of eight hosts, odd ones with two NICs, all addresses inside the site', () => {
  expect(plan.machines.map(({ name }) => name)).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `r1-h${n}`),
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `r2-h${n}`),
  ])
  const host = plan.machines.find(({ name }) => name === 'r2-h3')
  expect(host?.bmc).toMatchObject({ address: '127.77.2.13', port: 623 })
  expect(host?.nics.map(({ name, cable }) => ({ name, ...cable }))).toEqual([
    { name: 'eno1', switch: '127.77.20.3', port: '1/3' },
    { name: 'eno2', switch: '127.77.20.4', port: '1/3' },
  ])
  expect(plan.machines.find(({ name }) => name === 'r1-h2')?.nics).toHaveLength(1)
})

test('nothing that must be unique is there twice, also in as many racks as there may be', () => {
  const racks = Array.from({ length: 14 }, (_, index) => `r${index + 1}`)
  const { machines, switches } = planSite({
    site: 77,
    seed: 1,
    bmcPort: 623,
    httpsPort: 443,
    sshPort: 22,
    racks,
  })
  expect([machines.length, switches.length]).toEqual([14 * 8, 14 * 2])
  const macs = machines.flatMap(({ nics, bmc }) => [bmc.mac, ...nics.map(({ mac }) => mac)])
  const lists = [
    macs,
    machines.map(({ uuid }) => uuid),
    machines.map(({ bmc }) => bmc.password),
    machines.map(({ bmc }) => bmc.address),
    switches.map(({ address }) => address),
    machines.flatMap(({ nics }) => nics.map(({ cable }) => `${cable.switch} ${cable.port}`)),
    machines.flatMap(({ disks }) => disks.map(({ serial }) => serial)),
  ]
  for (const list of lists) expect(new Set(list).size).toBe(list.length)
  for (const mac of macs) expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
  for (const { bmc } of machines) expect(Buffer.byteLength(bmc.password)).toBeLessThanOrEqual(20)
})

test('a rack that there is no room for', () => {
  const choice = { site: 77, seed: 1, bmcPort: 623, httpsPort: 443, sshPort: 22 }
  expect(() => planSite({ ...choice, racks: ['r1', 'r15'] })).toThrow(
    'r15 is no rack of a lab: these are r1 to r14',
  )
})

test('equal for equal seeds, other secrets for another seed', () => {
  expect(planSite({ site: 77, seed: 1, bmcPort: 623, httpsPort: 443, sshPort: 22 })).toEqual(plan)
  const other = planSite({ site: 77, seed: 2, bmcPort: 623, httpsPort: 443, sshPort: 22 })
  expect(other.switches[0]?.password).not.toBe(plan.switches[0]?.password)
})

test('the rack file has one entry per switch, with each NIC on the switch where it is cabled', () => {
  const { racks } = rackFile(plan)
  expect(racks.map(({ l2Switch, hosts }) => [l2Switch.ip, hosts.length])).toEqual([
    ['127.77.20.1', 8],
    ['127.77.20.2', 4],
    ['127.77.20.3', 8],
    ['127.77.20.4', 4],
  ])
  const eno2 = plan.machines[0]?.nics[1]
  expect(racks[1]?.hosts[0]).toEqual({ mac: eno2?.mac, port: '1/1' })
})

test('a taken site is passed over', async () => {
  const site = await freeSite()
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(5240, `127.${site}.0.1`, resolve))
  try {
    expect(await freeSite()).toBeGreaterThan(site)
  } finally {
    taken.close()
  }
})
