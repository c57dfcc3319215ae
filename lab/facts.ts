import type { SitePlan } from './site.ts'
import { PXE_VLAN, QUARANTINE_VLAN, TENANT_VLANS } from './site.ts'

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
  switches: {
    name: string
    rack: string
    address: string
    port: number
    username: string
    password: string
    type: 'Force10'
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
    bmc: { address: string; port: number; username: string; password: string; mac: string }
    nics: { name: string; mac: string; switch: string; port: string }[]
    disks: { name: string; serial: string; model: string; size: number }[]
  }[]
}

export function labFacts(plan: SitePlan, timeScale: number, maas: { url: string; apiKey: string }): LabFacts {
  return {
    site: plan.site,
    seed: plan.seed,
    timeScale,
    control: `http://${plan.control.address}:${plan.control.port}`,
    pxeVlan: PXE_VLAN,
    quarantineVlan: QUARANTINE_VLAN,
    tenantVlans: TENANT_VLANS,
    maas: { url: maas.url, key: maas.apiKey },
    switches: plan.switches.map(({ root: _, ...paper }) => ({ ...paper, type: 'Force10' })),
    machines: plan.machines.map(({ nics, ...machine }) => ({
      ...machine,
      nics: nics.map(({ name, mac, cable }) => ({ name, mac, switch: cable.switch, port: cable.port })),
    })),
  }
}
