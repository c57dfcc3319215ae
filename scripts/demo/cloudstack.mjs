import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../start/places.mjs'
import { run } from './cli.mjs'
import { small } from './furnish.mjs'
import { tenantMark } from './life.mjs'
import { payloadOf, recorded } from './payloads.mjs'

const wait = '1800'
const vlan = 121

/** The life once more, as CloudStack asks for it: the extension's executable with the payloads that CloudStack writes. */
export async function liveByCloudstack({ report, witness, facts, places, socket, cli }) {
  const { step } = report
  report.heading(`As CloudStack asks: ferrule.sh ACTION PAYLOAD ${wait}`)
  const folder = join(places.data, 'cloudstack')
  mkdirSync(folder)
  await witness.lab.post('/networks', { name: 'D1-A2-Z1-S204', vlan, cidr: '10.1.1.0/24' })
  const name = 'i-2-3-VM'
  const nic = await witness.lab.post(`/networks/${vlan}/nics`, { hostname: name })
  const { cpuCount, memoryMiB } = facts.machines.find((one) => one.name === small)
  const vm = {
    uuid: randomUUID(),
    name: 'i-2-3-VM',
    cpus: cpuCount,
    memoryMiB,
    image: 'ubuntu/jammy',
    vlan,
    ...nic,
  }
  const about = ['instance', vm.name]
  let details = {}

  await step(
    'prepare',
    async () => {
      const answer = await call('prepare')
      details = answer.details
      // it goes to CloudStack by name only: where it leads is seen at create
      const host = details['External:ferrule_host'] ?? 'a host'
      return `${host} is reserved; ${await witness.seePower(small, 'off')}: nothing is done yet`
    },
    about,
  )
  await step(
    'create',
    async () => {
      await call('create')
      await witness.see('what status says', powerState, 'PowerOn')
      const seen = await seeRunning()
      await witness.seeBytes(small, tenantMark, true)
      return seen
    },
    about,
  )
  await step(
    'stop',
    async () => {
      await call('stop')
      await witness.see('what status says', powerState, 'PowerOff')
      return seeOff()
    },
    about,
  )
  await step(
    'start',
    async () => {
      await call('start')
      return `${await seeRunning()}; ${await witness.seeMaas(small, 'Deployed')}`
    },
    about,
  )
  await step(
    'reboot',
    async () => {
      const boots = await witness.bootCount(small)
      await call('reboot')
      await witness.see(`boots of ${small}`, () => witness.bootCount(small), boots + 1)
      return seeRunning()
    },
    about,
  )
  await step(
    'stop and delete, as expunge does',
    async () => {
      await call('stop')
      await call('delete')
      const seen = await seeOff()
      await witness.see('exit code of status afterwards', async () => (await invoke('status')).code, 1)
      return `${seen}; wiping goes on without CloudStack`
    },
    about,
  )
  await step('the disks are wiped all the same', async () => {
    const { operationId } = await cli.ferrule(['host', 'show', small])
    if (operationId) await cli.ferrule(['operation', 'watch', operationId])
    return `${await witness.seeBlankDisks(small)}; ${await witness.seeMaas(small, 'Ready')}`
  }, ['host', small])
  await step('a command that no extension knows', async () => {
    const payload = recorded('unsupported-command')
    const answer = await execute(payload.action, payload, '5')
    await witness.see('exit code and output', async () => answer, { code: 1, stdout: '', stderr: '' })
    return 'exit code 1 without a word'
  })
  return { hostname: vm.name, vlan }

  async function seeRunning() {
    return `${await witness.seePorts(small, vlan)}; ${await witness.seeLeases(small, [{ ...nic, vlan }])}`
  }

  async function seeOff() {
    return `${await witness.seePower(small, 'off')}; ${await witness.seePorts(small, facts.pxeVlan)}`
  }

  async function powerState() {
    return (await call('status')).power_state
  }

  async function call(action) {
    const { code, stdout, stderr } = await invoke(action)
    if (code !== 0 || stderr !== '') throw new Error(`${action} ended with ${code}: ${stdout}${stderr}`)
    return JSON.parse(stdout)
  }

  function invoke(action) {
    return execute(action, payloadOf(action, vm, details), wait)
  }

  /** CloudStack writes the payload for everybody to read, gives the three arguments, and leaves stdin open to a pipe. */
  function execute(action, payload, timeout) {
    const file = join(folder, `${action}.json`)
    writeFileSync(file, JSON.stringify(payload), { mode: 0o644 })
    return run(join(root, 'extension', 'ferrule.sh'), [action, file, timeout], {
      env: { PATH: process.env.PATH, FERRULE_SOCKET: socket, FERRULE_EXTENSION_CONFIG: '/nonexistent' },
    })
  }
}
