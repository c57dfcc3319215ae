import { z } from 'zod'
import type { HostLease } from '../domain/lease.ts'
import type { Ask, Pairs } from './exchange.ts'
import { toInterface } from './from-wire.ts'
import type { Http } from './http.ts'
import type { Maas, MaasInterface } from './types.ts'
import { decode, interfaceSchema } from './wire.ts'

type Interfaces = Pick<
  Maas,
  'interfaces' | 'setInterfaceVlan' | 'createBond' | 'deleteInterface' | 'linkSubnet' | 'unlinkSubnet'
>

/** MAAS allows these writes in New, Ready, Failed testing, Allocated and Broken (maasserver/api/interfaces.py). */
export function interfaces(http: Http): Interfaces {
  async function write(lease: HostLease, ask: Ask): Promise<MaasInterface> {
    return toInterface(decode(interfaceSchema, ask, await http.write(lease, ask)))
  }

  return {
    async interfaces(systemId) {
      const ask: Ask = {
        what: `list interfaces of machine ${systemId}`,
        method: 'GET',
        path: listPath(systemId),
      }
      return decode(z.array(interfaceSchema), ask, await http.read(ask)).map(toInterface)
    },

    setInterfaceVlan(lease, systemId, id, vlanId) {
      const what = `move interface ${id} of machine ${systemId} to VLAN object ${vlanId}`
      return write(lease, {
        what,
        method: 'PUT',
        path: itemPath(systemId, id),
        form: [['vlan', String(vlanId)]],
      })
    },

    createBond(lease, systemId, bond) {
      const form: Pairs = [
        ['name', bond.name],
        ...bond.parents.map((parent) => ['parents', String(parent)] as const),
        // Unsaid, MAAS's code takes balance-rr, whatever its documentation tells.
        ['bond_mode', bond.mode],
        // Unsaid, its code takes other values than its documentation tells.
        ...(bond.mode === '802.3ad'
          ? ([
              ['bond_lacp_rate', 'fast'],
              ['bond_xmit_hash_policy', 'layer3+4'],
            ] as const)
          : []),
        // Link watch every 100 ms: the kernel's default is never.
        ['bond_miimon', '100'],
        ['mac_address', bond.mac.toLowerCase()],
      ]
      return write(lease, {
        what: `create bond ${bond.name} on machine ${systemId}`,
        method: 'POST',
        path: listPath(systemId),
        op: 'create_bond',
        form,
      })
    },

    async deleteInterface(lease, systemId, id) {
      await http.write(lease, {
        what: `delete interface ${id} of machine ${systemId}`,
        method: 'DELETE',
        path: itemPath(systemId, id),
      })
    },

    linkSubnet(lease, systemId, id, { mode, subnetId }) {
      const form: Pairs = [
        ['mode', mode],
        ...(subnetId === null ? [] : [['subnet', String(subnetId)] as const]),
      ]
      return write(lease, {
        what: `link interface ${id} of machine ${systemId} as ${mode}`,
        method: 'POST',
        path: itemPath(systemId, id),
        op: 'link_subnet',
        form,
      })
    },

    async unlinkSubnet(lease, systemId, id, linkId) {
      const what = `remove link ${linkId} of interface ${id} of machine ${systemId}`
      await http.write(lease, {
        what,
        method: 'POST',
        path: itemPath(systemId, id),
        op: 'unlink_subnet',
        form: [['id', String(linkId)]],
      })
    },
  }
}

function listPath(systemId: string): string {
  return `nodes/${encodeURIComponent(systemId)}/interfaces/`
}

function itemPath(systemId: string, id: number): string {
  return `${listPath(systemId)}${id}/`
}
