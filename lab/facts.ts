import type { Bmcs } from './parts/bmcs.ts'
import type { SitePlan } from './site.ts'
import { PXE_VLAN, QUARANTINE_VLAN, TENANT_VLANS } from './site.ts'
import { otherMakes } from './tor/makes.ts'
import type { BmcProtocol } from './world/types.ts'

/** What an operator of this data centre has on paper: addresses, credentials, hardware, cables. */
export interface LabFacts {
  site: number
  seed: number
  timeScale: number
  control: string
  pxeVlan: number
  quarantineVlan: number
  tenantVlans: { from: number; to: number }
  /** `url` ends in /MAAS; `key` is the API key as MAAS shows it: consumer:token:secret. */
  maas: { url: string; key: string }
  /** `url`: of the API; the keys are the administrator's. */
  cloudstack: { url: string; apiKey: string; secretKey: string }
  switches: {
    name: string
    rack: string
    address: string
    port: number
    username: string
    password: string
    /** As in a rack file. */
    type: string
    /** SHA-256 of its certificate or host key; null where it speaks in clear text. */
    fingerprint: string | null
  }[]
  machines: {
    name: string
    rack: string
    uuid: string
    model: string
    serial: string
    cpuCount: number
    cpuSpeedMhz: number
    memoryMiB: number
    bmc: {
      address: string
      protocols: readonly BmcProtocol[]
      /** UDP port of IPMI, whether or not it speaks that. */
      port: number
      username: string
      password: string
      mac: string
      /** `fingerprint`: SHA-256 of its certificate, upper-case hex with colons. */
      redfish: { url: string; fingerprint: string } | null
      /** Its serial console; `fingerprint`: of the host key, as ssh-keygen -l prints it. */
      ssh: { port: number; fingerprint: string } | null
    }
    nics: { name: string; mac: string; switch: string; port: string }[]
    disks: { name: string; serial: string; model: string; size: number }[]
  }[]
}

export function labFacts(
  plan: SitePlan,
  timeScale: number,
  maas: { url: string; apiKey: string },
  cloudstack: { url: string; keys: { apiKey: string; secretKey: string } },
  { redfish, ssh }: Pick<Bmcs, 'redfish' | 'ssh'>,
): LabFacts {
  const redfishOf = (name: string) => {
    const running = redfish.get(name)
    if (running === undefined) return null
    return { url: `https://${running.address}:${running.port}`, fingerprint: running.identity.fingerprint }
  }

  const sshOf = (name: string) => {
    const running = ssh.get(name)
    return running === undefined ? null : { port: running.port, fingerprint: running.hostKey.fingerprint }
  }

  return {
    site: plan.site,
    seed: plan.seed,
    timeScale,
    control: `http://${plan.control.address}:${plan.control.port}`,
    pxeVlan: PXE_VLAN,
    quarantineVlan: QUARANTINE_VLAN,
    tenantVlans: TENANT_VLANS,
    maas: { url: maas.url, key: maas.apiKey },
    cloudstack: { url: cloudstack.url, ...cloudstack.keys },
    switches: plan.switches.map(({ root: _, make, ...paper }) => ({
      ...paper,
      type: make === 'force10' ? 'Force10' : otherMakes[make].type,
    })),
    machines: plan.machines.map(
      ({ nics, bmc: { httpsPort: _https, sshPort: _ssh, ...bmc }, ...machine }) => ({
        ...machine,
        bmc: { ...bmc, redfish: redfishOf(machine.name), ssh: sshOf(machine.name) },
        nics: nics.map(({ name, mac, cable }) => ({ name, mac, switch: cable.switch, port: cable.port })),
      }),
    ),
  }
}
