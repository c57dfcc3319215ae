import { dialView } from '../faults/dial-view.ts'
import { dialects, rackModel } from '../switch/ssh/makes.ts'

import { startCliSwitch } from '../switch/ssh/server.ts'
import { modelSwitch } from './model-switch.ts'
import type { TorKind, TorOptions } from './tor-kind.ts'

/** A make that is driven by its command line over SSH. Its host key follows from its name. */
function cliTor(make: Pick<TorKind, 'type' | 'portName'>, name: 'os10' | 'nxos' | 'eos'): TorKind {
  const dialect = dialects[name]
  return {
    ...make,
    over: 'ssh',
    usualPort: 22,
    async start(options: TorOptions) {
      const { name: hostname, address, port, username, password } = options
      const { hosts, pxeVlan, vlans } = options
      // its uplinks are ports like others: nothing of the lab is behind them
      const unused = [...options.unused, ...options.uplinks]
      const model = rackModel(dialect, { hosts, unused, pxeVlan, vlans })
      // what comes in at a member is learned at its port-channel
      model.learned = (of) => options.learned().filter((one) => model.countsFor(one.port) === of)
      model.announced = options.announced
      const user = { name: username, password }
      const cli = await startCliSwitch({ address, port, hostname, user, dialect, model })
      const dials = dialView(
        model.dials,
        [
          ...(['down', 'rejectPassword', 'otherHostKey', 'refuseNext', 'dropNext', 'okButNothing'] as const),
          ...(['halfApply', 'halfLines', 'halfRefuses', 'loginMs', 'saveLies'] as const),
        ],
        () => {
          if (model.dials.down || model.dials.otherHostKey) cli.cut()
        },
      )
      return modelSwitch({
        ...{ name: hostname, address, type: make.type, bootTime: options.bootTime },
        model,
        front: {
          port: cli.port,
          fingerprint: cli.fingerprint,
          faults: dials,
          setPower: cli.setPower,
          snapshot: () => null,
          stop: cli.stop,
        },
      })
    },
  }
}

export const os10Tor = cliTor({ type: 'OS10-CLI', portName: (number) => `ethernet1/1/${number}` }, 'os10')

export const nxosTor = cliTor({ type: 'NX-OS-CLI', portName: (number) => `Ethernet1/${number}` }, 'nxos')

export const eosCliTor = cliTor({ type: 'EOS-CLI', portName: (number) => `Ethernet${number}` }, 'eos')
