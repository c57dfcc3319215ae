import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { FerruleError } from '../domain/errors.ts'
import type { Config } from './config.ts'
import type { ConfigFault } from './faults.ts'
import { classnameSetting, type ParsedConfig, systemUrlSetting } from './schema.ts'
import { readSecret, type SecretRef } from './secrets-ref.ts'

/** What no single value shows: values that contradict each other, and secrets that are not where they should be. */
export function crossFaults(parsed: ParsedConfig, config: Config, env: NodeJS.ProcessEnv): ConfigFault[] {
  return [
    ...networkFaults(config),
    ...settingsFaults(parsed, config),
    ...sessionFaults(config),
    ...cloudHostFaults(config),
    ...secretFaults(config, env),
    ...certificateFaults(config, env),
  ]
}

/** A door that cannot be opened is found out here, and not when CloudStack knocks. */
function certificateFaults({ cloudstack: { listen } }: Config, env: NodeJS.ProcessEnv): ConfigFault[] {
  if (listen === undefined) return []
  const fault = (problem: string, remedy: string) => [
    { path: 'cloudstack.listen.certificate', problem, seen: listen.certificate, remedy },
  ]
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(readFileSync(listen.certificate))
  } catch {
    return fault('is no file with a certificate in PEM', 'Name a file that the user of Ferrule can read.')
  }
  try {
    if (certificate.checkPrivateKey(createPrivateKey(readSecret(listen.key, env)))) return []
  } catch {
    return fault('has a key that is no private key in PEM', 'Correct cloudstack.listen.key.')
  }
  return fault('belongs to another key', 'Give the certificate of cloudstack.listen.key.')
}

/** BMCs forget a session after 57 to 63 seconds, and the next look may be late. */
const keptAtMostMs = 45_000

function sessionFaults({ observers: { keepBmcSessions, powerEvery } }: Config): ConfigFault[] {
  if (!keepBmcSessions || powerEvery <= keptAtMostMs) return []
  return [
    {
      path: 'observers.keepBmcSessions',
      problem: 'would find each session forgotten: BMCs keep an idle one for a minute',
      seen: `powerEvery of ${powerEvery / 1000}s`,
      remedy: `Set observers.powerEvery to ${keptAtMostMs / 1000}s or less, or keepBmcSessions to false.`,
    },
  ]
}

function cloudHostFaults({ cloudstack: { api, hosts } }: Config): ConfigFault[] {
  if (hosts.act === 'report' || api !== undefined) return []
  return [
    {
      path: 'cloudstack.hosts.act',
      problem: "needs CloudStack's API",
      seen: hosts.act,
      remedy: 'Give cloudstack.api, or set it to report.',
    },
  ]
}

function networkFaults({ network }: Config): ConfigFault[] {
  if (network === undefined) return []
  const faults: ConfigFault[] = []
  const { from, to } = network.vlanRange
  if (from > to) {
    faults.push({
      path: 'network.vlanRange',
      problem: 'begins after its end',
      seen: `${from}-${to}`,
      remedy: 'Give the smaller id as from.',
    })
  }
  if (network.pxeVlan === network.quarantineVlan) {
    faults.push({
      path: 'network.quarantineVlan',
      problem: 'is the PXE VLAN too',
      seen: String(network.quarantineVlan),
      remedy: 'Give a VLAN of its own, without any service.',
    })
  }
  return faults
}

function settingsFaults(parsed: ParsedConfig, config: Config): ConfigFault[] {
  const faults: ConfigFault[] = []
  for (const name of [classnameSetting, systemUrlSetting] as const) {
    if (parsed[name] === undefined || parsed.settings[name] === undefined) continue
    faults.push({
      path: `settings.${name}`,
      problem: 'stands at the top level too',
      seen: 'two values',
      remedy: 'Keep one of them.',
    })
  }
  if (config.maas !== undefined && config.settings.systemUrl !== null) {
    faults.push({
      path: 'maas',
      problem: `says the same as ${systemUrlSetting}`,
      seen: 'two connections to MAAS',
      remedy: 'Keep one of them.',
    })
  }
  if (config.enabled && config.maas === undefined && config.settings.systemUrl === null) {
    faults.push({
      path: 'maas',
      problem: 'is missing although MAAS is the bare-metal provider',
      seen: 'nothing',
      remedy: `Give maas.url and maas.key, or ${systemUrlSetting}.`,
    })
  }
  return faults
}

function secretFaults(config: Config, env: NodeJS.ProcessEnv): ConfigFault[] {
  const refs: [string, SecretRef | undefined][] = [
    ['database.url', config.database.url],
    ['maas.key', config.maas?.key],
    ['masterKey', config.masterKey],
    ['cloudstack.listen.key', config.cloudstack.listen?.key],
    ['cloudstack.api.key', config.cloudstack.api?.key],
    ['cloudstack.api.secret', config.cloudstack.api?.secret],
    ['cloudstack.api.webhookSecret', config.cloudstack.api?.webhookSecret],
  ]
  return refs.flatMap(([path, ref]) => {
    if (ref === undefined) return []
    try {
      readSecret(ref, env)
      return []
    } catch (error) {
      if (!(error instanceof FerruleError)) throw error
      return [{ path, problem: error.message.replace(/\.$/, ''), seen: ref, remedy: error.remedy }]
    }
  })
}
