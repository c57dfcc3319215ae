import type { HostLease } from '../domain/lease.ts'
import type { Ask, Pairs } from './exchange.ts'
import { toMachine } from './from-wire.ts'
import type { Http } from './http.ts'
import { machinePath } from './machines.ts'
import { powerForm } from './power-form.ts'
import type { Maas, MaasMachine } from './types.ts'
import { decode, machineSchema } from './wire.ts'

type Lifecycle = Pick<
  Maas,
  | 'createMachine'
  | 'commission'
  | 'allocate'
  | 'deploy'
  | 'release'
  | 'abort'
  | 'markBroken'
  | 'markFixed'
  | 'setAnnotations'
  | 'powerOn'
  | 'powerOff'
>

/** Everything that moves a machine from one status to another. Nothing here is ever repeated by itself. */
export function lifecycle(http: Http): Lifecycle {
  async function write(lease: HostLease, ask: Ask): Promise<MaasMachine> {
    return toMachine(decode(machineSchema, ask, await http.write(lease, ask)))
  }

  function operation(lease: HostLease, systemId: string, op: string, form: Pairs): Promise<MaasMachine> {
    const what = `${op.replaceAll('_', ' ')} machine ${systemId}`
    return write(lease, { what, method: 'POST', path: machinePath(systemId), op, form })
  }

  return {
    createMachine(lease, machine) {
      const form: Pairs = [
        ['hostname', machine.hostname],
        [
          'architecture',
          machine.architecture.includes('/') ? machine.architecture : `${machine.architecture}/generic`,
        ],
        ...machine.macs.map((mac) => ['mac_addresses', mac.toLowerCase()] as const),
        ...powerForm(machine.power),
        // An administrator's create commissions at once unless told not to.
        ['commission', 'false'],
      ]
      return write(lease, {
        what: `create machine ${machine.hostname}`,
        method: 'POST',
        path: 'machines/',
        form,
      })
    },

    commission(lease, systemId) {
      return operation(lease, systemId, 'commission', [
        ['testing_scripts', 'none'],
        // Else MAAS adds its own user to the BMC and uses that from then on.
        ['skip_bmc_config', '1'],
      ])
    },

    // Always by system id: constraints without a match may make MAAS compose a virtual machine.
    allocate(lease, { systemId, agentName, comment }) {
      const form: Pairs = [
        ['system_id', systemId],
        ['agent_name', agentName],
        ['comment', comment],
      ]
      return write(lease, {
        what: `allocate machine ${systemId}`,
        method: 'POST',
        path: 'machines/',
        op: 'allocate',
        form,
      })
    },

    deploy(lease, systemId, { distroSeries, userData, comment }) {
      return operation(lease, systemId, 'deploy', [
        ['distro_series', distroSeries],
        ['user_data', Buffer.from(userData).toString('base64')],
        ['comment', comment],
      ])
    },

    release(lease, systemId, options) {
      return operation(lease, systemId, 'release', releaseForm(options))
    },

    abort(lease, systemId, comment) {
      return operation(lease, systemId, 'abort', [['comment', comment]])
    },

    markBroken(lease, systemId, comment) {
      return operation(lease, systemId, 'mark_broken', [['comment', comment]])
    },

    markFixed(lease, systemId, comment) {
      return operation(lease, systemId, 'mark_fixed', [['comment', comment]])
    },

    async powerOn(lease, systemId, comment) {
      await operation(lease, systemId, 'power_on', [['comment', comment]])
    },

    async powerOff(lease, systemId, { mode, comment }) {
      await operation(lease, systemId, 'power_off', [
        ['stop_mode', mode],
        ['comment', comment],
      ])
    },

    async setAnnotations(lease, systemId, annotations) {
      await operation(lease, systemId, 'set_workload_annotations', Object.entries(annotations))
    },
  }
}

/**
 * secure_erase and quick_erase are always said, so that no default of MAAS decides. A script's parameter is a form field
 * of its own name, or of `SCRIPT_PARAM` where only that script shall have it (maasserver/forms/script, 3.5+).
 */
export function releaseForm(options: Parameters<Maas['release']>[2]): Pairs {
  const { comment, erase, scripts = [], parameters = {} } = options
  return [
    ['comment', comment],
    ...(erase
      ? ([
          ['erase', 'true'],
          ['secure_erase', String(erase === 'secure')],
          ['quick_erase', String(erase === 'quick')],
        ] as const)
      : []),
    ...(scripts.length > 0 ? [['scripts', scripts.join(',')] as const] : []),
    ...Object.entries(parameters),
  ]
}
