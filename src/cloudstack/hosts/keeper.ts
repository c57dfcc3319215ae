import { createHash } from 'node:crypto'
import type { CloudFinding } from '../../domain/cloud-finding.ts'
import type { CloudHost, HostAct, KnownCloudHost } from '../../domain/cloud-host.ts'
import { goneHost, matchCloudHosts, mayEnlist, unknownHost } from '../../domain/cloud-host.ts'
import { isRipe } from '../../domain/cloud-view.ts'
import { FerruleError } from '../../domain/errors.ts'
import type { Caller, Services } from '../../services/context.ts'
import { addHost } from '../../services/hosts.ts'
import { cloudFindings } from '../../store/cloud-findings.ts'
import {
  bindCloudHost,
  forgetCloudHost,
  knownCloudHosts,
  noteEnlistment,
  restoreHost,
  withdrawHost,
} from '../../store/cloud-hosts.ts'
import { hostSituations } from '../../store/hosts.ts'
import { foreignBmc } from './bmc-networks.ts'
import { bmcPassword, type PasswordPlaces } from './bmc-password.ts'
import { cloudHostOf, isFault, type WireHost } from './details.ts'
import { inOurDetails } from './old-plugin.ts'

export interface HostKeeperOptions {
  act: HostAct
  /** Where BMCs may be. */
  bmcNetworks: readonly string[]
  passwords: PasswordPlaces
  /** User of the BMCs of the old plugin's hosts, which CloudStack shows nobody. */
  oldUsername: string
  env: NodeJS.ProcessEnv
}

const caller: Caller = { name: 'cloudstack', role: 'cloudstack' }

/**
 * Hosts of CloudStack that stand for one machine each. It finds out which of ours they are, tells what does not fit, and
 * if it may: enlists what is new, and takes out of the pool what CloudStack has no more. It ends no record, touches no
 * host with an instance, and nothing at all before three healthy looks have seen the same.
 */
export class HostKeeper {
  readonly #services: Services
  readonly #options: HostKeeperOptions

  constructor(services: Services, options: HostKeeperOptions) {
    this.#services = services
    this.#options = options
  }

  /** What one healthy look saw: compared, remembered which host is which; and what to tell. */
  async compare(wires: readonly WireHost[]): Promise<CloudFinding[]> {
    const { db } = this.#services.tools
    const fleet = await hostSituations(db)
    const known = await knownCloudHosts(db)
    const { hosts, faults } = this.#sorted(wires)
    const findings = [...faults]
    for (const { host, hostId, fault } of matchCloudHosts(hosts, fleet)) {
      const { id, name } = host
      if (fault) findings.push({ key: `host:${id}`, name, hostId, code: 'host-fault', ...fault })
      else if (hostId === null)
        findings.push(
          unknownHost(
            host,
            known.find(({ cloudId }) => cloudId === id),
            this.#options.act,
          ),
        )
      else {
        const settled = fleet.find((one) => one.host.id === hostId)?.hold?.kind !== 'enlist'
        await this.#bind({ cloudId: id, name, hostId, settled, isOwn: host.isOwn }, known)
      }
    }
    for (const one of await knownCloudHosts(db)) {
      if (wires.some(({ id }) => id === one.cloudId)) continue
      const situation = fleet.find(({ host }) => host.id === one.hostId)
      if (situation) findings.push(goneHost(one, situation, this.#options.act))
      else await forgetCloudHost(db, one.cloudId)
    }
    return findings
  }

  /** After the findings have been recorded: what three looks have seen is acted on, if that is wanted. */
  async act(wires: readonly WireHost[]): Promise<void> {
    if (this.#options.act !== 'enlist') return
    const { hosts } = this.#sorted(wires)
    for (const { key, code, message, looks } of await cloudFindings(this.#services.tools.db)) {
      if (!isRipe({ looks })) continue
      const cloudId = key.replace(/^host:/, '')
      if (code === 'host-gone') await withdrawHost(this.#services.tools.db, cloudId, message)
      const host = hosts.find(({ id }) => id === cloudId)
      if (host && (code === 'host-unknown' || code === 'host-failed')) await this.#enlist(host)
    }
  }

  async #bind(
    now: Pick<KnownCloudHost, 'cloudId' | 'name' | 'settled' | 'isOwn'> & { hostId: string },
    known: readonly KnownCloudHost[],
  ): Promise<void> {
    const { db } = this.#services.tools
    const { hostId, name } = now
    const before = known.filter((one) => one.hostId === hostId)
    const [one] = before
    const isSame = one?.cloudId === now.cloudId && one.name === name && one.settled === now.settled
    if (!isSame || before.length > 1) await bindCloudHost(db, now)
    if (before.some(({ withdrawn }) => withdrawn))
      await restoreHost(db, hostId, `CloudStack has host ${name} again: it is back in the pool`)
  }

  async #enlist(host: CloudHost): Promise<void> {
    const { tools } = this.#services
    const known = (await knownCloudHosts(tools.db)).find(({ cloudId }) => cloudId === host.id)
    const note = (operationId: string | null, digest: string, error: ErrorWords | null = null) =>
      noteEnlistment(tools.db, { cloudId: host.id, name: host.name, operationId, digest, error })
    const foreign = foreignBmc(host.bmc.address, host.name, this.#options.bmcNetworks)
    // what may not be sent is not read either
    const password = foreign ?? this.#passwordOf(host)
    // of the password only whether there is one: a digest of it would be there to be guessed at
    const seen = JSON.stringify([host, password instanceof FerruleError, foreign !== null])
    const digest = createHash('sha256').update(seen).digest('hex')
    if (!mayEnlist({ enlistment: known?.enlistment ?? null }, digest, tools.now())) return
    if (password instanceof FerruleError) return note(null, digest, password)
    if (host.cpuCount === 0 || host.memoryMib === 0) return note(null, digest, sizeMissing(host))
    try {
      const { operation } = await addHost(this.#services, caller, {
        ...host,
        bmc: {
          address: host.bmc.address ?? undefined,
          username: host.bmc.username,
          password: password ?? undefined,
          protocol: host.bmc.protocol,
        },
      })
      await note(operation.id, digest)
    } catch (error) {
      if (!(error instanceof FerruleError)) throw error
      await note(null, digest, error)
    }
  }

  #sorted(wires: readonly WireHost[]): { hosts: CloudHost[]; faults: CloudFinding[] } {
    const hosts: CloudHost[] = []
    const faults: CloudFinding[] = []
    for (const wire of wires) {
      const host = cloudHostOf(inOurDetails(wire, this.#options.oldUsername))
      if (host === null) continue
      if (isFault(host))
        faults.push({ key: `host:${wire.id}`, name: wire.name, hostId: null, code: 'host-fault', ...host })
      else hosts.push(host)
    }
    return { hosts, faults }
  }

  #passwordOf({ name, bmc }: CloudHost): string | null | FerruleError {
    if (bmc.password === null) return null
    try {
      return bmcPassword(bmc.password, name, this.#options.passwords, this.#options.env)
    } catch (error) {
      if (error instanceof FerruleError) return error
      throw error
    }
  }
}

function sizeMissing({ name }: CloudHost): ErrorWords {
  return {
    message: `the details of host ${name} in CloudStack do not say how many CPUs and how much memory it has`,
    remedy: 'Give it the details cpu and memory (MiB).',
  }
}

type ErrorWords = { message: string; remedy: string }
