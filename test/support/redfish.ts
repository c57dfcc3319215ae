import { request } from 'node:https'
import type { Rig } from './rig.ts'

/** A rig, or a lab with a daemon of its own. */
type WithLab = Pick<Rig, 'lab'>

function serviceOf(rig: WithLab, machine: string) {
  const service = rig.lab.bmcs.redfish.get(machine)
  if (!service) throw new Error(`${machine} speaks no Redfish`)
  return service
}

/** What stands on the paper of a machine's BMC: SHA-256 of its certificate, hex without colons. */
export function fingerprintOf(rig: WithLab, machine: string): string {
  return serviceOf(rig, machine).identity.fingerprint.replaceAll(':', '').toLowerCase()
}

/** How a host of ours reaches it; `fingerprint` is what makes protocol auto speak Redfish. */
export function redfishOf(rig: WithLab, machine: string) {
  const { username, password } = rig.lab.world.machine(machine).bmc
  const { address, port } = serviceOf(rig, machine)
  return { address: `${address}:${port}`, username, password, fingerprint: fingerprintOf(rig, machine) }
}

/** How many sessions its BMC has, as somebody else sees it. */
export async function redfishSessions(rig: WithLab, machine: string): Promise<number> {
  const { address, port } = serviceOf(rig, machine)
  const { username, password } = rig.lab.world.machine(machine).bmc
  const text = await new Promise<string>((resolve, reject) => {
    const path = '/redfish/v1/SessionService/Sessions'
    const auth = `${username}:${password}`
    const asked = request({ host: address, port, path, auth, rejectUnauthorized: false }, (answer) => {
      let body = ''
      answer.on('data', (chunk) => {
        body += chunk
      })
      answer.on('end', () => resolve(body))
    })
    asked.on('error', reject)
    asked.end()
  })
  return Number(JSON.parse(text)['Members@odata.count'])
}
