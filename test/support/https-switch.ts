import { startEos } from '../../lab/switch/eapi/server.ts'
import type { HttpServer } from '../../lab/switch/https/server.ts'
import { startCumulus } from '../../lab/switch/nvue/server.ts'
import { startNxos } from '../../lab/switch/nxapi/server.ts'
import type { SwitchportModel } from '../../lab/switch/switchport/model.ts'
import { eapi } from '../../src/drivers/switch/eapi/driver.ts'
import { nvue } from '../../src/drivers/switch/nvue/driver.ts'
import { nxapi } from '../../src/drivers/switch/nxapi/driver.ts'
import type { SwitchDriver } from '../../src/drivers/switch/types.ts'

/** A switch of the lab behind HTTPS, as the tests of all its kinds need it. */
export interface HttpsSwitch {
  http: HttpServer
  model: SwitchportModel
  /** Somebody else puts a port into this VLAN, by the switch's own command line. */
  foreignAccess(port: string, vlan: number): void
  reboot(): void
  /** Changes that are neither there nor gone: commits that wait for their confirmation. */
  unsettled(): number
  /** What was staged and never came to anything. */
  leftovers(): number
  stop(): Promise<void>
}

export interface Kind {
  driver: SwitchDriver
  /** As a rack file writes them, and as the model names them. */
  ports: readonly { written: string; name: string }[]
  missingPort: string
  /** In the fence, and a VLAN that this switch keeps for itself. */
  refusedVlan: number
  /** Where its driver makes them: the numbers of LAGs. */
  lags?: readonly number[]
  /** Here a fault may leave a port shut: it carries nobody. */
  shuts: boolean
  /** The write with which it is too late to see that somebody else has changed something; null where there is none. */
  blindWrite: number | null
  /** Could this request change anything? */
  isWrite(ask: { method: string; path: string; body: string }): boolean
  /** Is it a save, whose yes nobody can prove, because what was saved cannot be read? */
  unseenSave?(ask: { path: string }): boolean
  /** @param msPerSecond how long a second of the switch's own timers is */
  start(msPerSecond: number): Promise<HttpsSwitch>
}

export const PXE = 10
export const user = { username: 'ferrule', password: 'Wort-hinter-dem-Schalter' }

const address = '127.0.0.1'
const users = [user]

const eapiKind: Kind = {
  driver: eapi,
  ports: [
    { written: '1', name: 'Ethernet1' },
    { written: 'Et2', name: 'Ethernet2' },
    { written: 'ethernet 3', name: 'Ethernet3' },
  ],
  missingPort: 'Ethernet48',
  refusedVlan: 150,
  lags: [11, 12],
  shuts: false,
  blindWrite: null,
  isWrite: ({ body }) => body.includes('configure session') || body.includes('write memory'),
  async start(msPerSecond) {
    const eos = await startEos({
      address,
      users,
      msPerSecond,
      hosts: eapiKind.ports.map(({ name }) => name),
      uplinks: ['Ethernet49'],
      pxeVlan: PXE,
      vlans: [555, 999],
      internalVlans: [eapiKind.refusedVlan],
    })
    const sessionsIn = (wanted: string) =>
      [...eos.sessions.all.values()].filter(({ state }) => state === wanted).length
    return {
      http: eos.http,
      model: eos.model,
      foreignAccess: (port, vlan) =>
        eos.type(`interface ${port}`, `switchport access vlan ${vlan}`, 'switchport mode access'),
      reboot: eos.reboot,
      unsettled: () => sessionsIn('pendingCommitTimer'),
      leftovers: () => sessionsIn('pending'),
      stop: eos.stop,
    }
  },
}

const nxapiKind: Kind = {
  driver: nxapi,
  ports: [
    { written: '1/1', name: 'Ethernet1/1' },
    { written: 'eth1/2', name: 'Ethernet1/2' },
    { written: 'Ethernet 1/3', name: 'Ethernet1/3' },
  ],
  missingPort: 'Ethernet1/48',
  refusedVlan: 150,
  shuts: false,
  blindWrite: null,
  isWrite: ({ body }) => body.includes('cli_conf') || body.includes('copy running-config'),
  async start() {
    const nxos = await startNxos({
      address,
      users,
      hosts: nxapiKind.ports.map(({ name }) => name),
      uplinks: ['Ethernet1/49'],
      pxeVlan: PXE,
      vlans: [555, 999],
      reservedVlans: [nxapiKind.refusedVlan],
    })
    return {
      http: nxos.http,
      model: nxos.model,
      foreignAccess: (port, vlan) =>
        nxos.type(`interface ${port}`, 'switchport mode access', `switchport access vlan ${vlan}`),
      reboot: nxos.reboot,
      unsettled: () => nxos.working,
      leftovers: () => 0,
      stop: nxos.stop,
    }
  },
}

const nvueKind: Kind = {
  driver: nvue,
  ports: [
    { written: 'swp1', name: 'swp1' },
    { written: ' swp2', name: 'swp2' },
    { written: 'swp3', name: 'swp3' },
  ],
  missingPort: 'swp48',
  refusedVlan: 150,
  shuts: true,
  blindWrite: 2,
  isWrite: ({ method }) => method !== 'GET',
  async start() {
    const cumulus = await startCumulus({
      address,
      users,
      hosts: nvueKind.ports.map(({ name }) => name),
      uplinks: ['swp49'],
      pxeVlan: PXE,
      vlans: [555, 999],
      reservedVlans: [nvueKind.refusedVlan],
      applyMs: 5,
    })
    const { nvued } = cumulus
    return {
      http: cumulus.http,
      model: cumulus.model,
      foreignAccess: (port, vlan) => {
        const domain = (value: unknown) => ({
          interface: { [port]: { bridge: { domain: { br_default: value } } } },
        })
        nvued.applyNow(domain(null))
        nvued.applyNow(domain({ access: vlan }))
      },
      reboot: () => nvued.reboot(),
      unsettled: () => nvued.applying,
      leftovers: () => 0,
      stop: cumulus.stop,
    }
  },
}

export const kinds: readonly Kind[] = [eapiKind, nxapiKind, nvueKind]
