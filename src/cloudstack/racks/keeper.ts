import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { CloudFinding } from '../../domain/cloud-finding.ts'
import { isRipe } from '../../domain/cloud-view.ts'
import { FerruleError } from '../../domain/errors.ts'
import type { Caller, Services } from '../../services/context.ts'
import { applyRack, checkRack } from '../../services/racks.ts'
import { cloudFindings } from '../../store/cloud-findings.ts'
import { appliedCloudRacks, forgetCloudRack, noteCloudRack } from '../../store/cloud-racks.ts'
import { listRacks } from '../../store/racks.ts'
import { fetchRackFile, plainUrl } from './fetch-rack-file.ts'

/** Of CloudStack's listBaremetalRct. */
export const wireRct = z.object({ id: z.string(), url: z.string() })
export type WireRct = z.output<typeof wireRct>

/** The name here of the rack configuration that CloudStack has; it has one at most. */
export const CLOUD_RACK = 'cloudstack'

export type RackAct = 'report' | 'apply'

export interface RackKeeperOptions {
  act: RackAct
  /** How addresses begin from which a file is taken. */
  urls: readonly string[]
}

const caller: Caller = { name: 'cloudstack', role: 'cloudstack' }

/** A rack configuration of CloudStack whose file is not what was applied here. */
interface NewFile {
  rct: WireRct
  text: string
  digest: string
}

/**
 * The rack configuration that an operator gave to CloudStack (addBaremetalRct). It tells what is not applied here, and if
 * it may, applies it once three healthy looks have seen it. A configuration that CloudStack has no more stays here.
 */
export class RackKeeper {
  readonly #services: Services
  readonly #options: RackKeeperOptions
  /** What the newest try to apply came to, by CloudStack's id. */
  readonly #failures = new Map<string, { digest: string; error: FerruleError }>()
  #news: NewFile[] = []

  constructor(services: Services, options: RackKeeperOptions) {
    this.#services = services
    this.#options = options
  }

  /** What one healthy look saw; and what to tell. */
  async compare(rcts: readonly WireRct[]): Promise<CloudFinding[]> {
    this.#news = []
    const findings: CloudFinding[] = []
    for (const rct of rcts) {
      const finding = await this.#compareOne(rct)
      if (finding) findings.push(finding)
    }
    return [...findings, ...(await this.#gone(rcts))]
  }

  /** After the findings have been recorded: what three looks have seen is applied, if that is wanted. */
  async act(): Promise<void> {
    if (this.#options.act !== 'apply') return
    const ripe = new Set((await cloudFindings(this.#services.tools.db)).filter(isRipe).map(({ key }) => key))
    for (const { rct, text, digest } of this.#news) {
      if (!ripe.has(keyOf(rct))) continue
      try {
        await applyRack(this.#services, caller, CLOUD_RACK, text)
        await this.#note(rct, digest)
        this.#failures.delete(rct.id)
      } catch (error) {
        if (!(error instanceof FerruleError)) throw error
        this.#failures.set(rct.id, { digest, error })
      }
    }
  }

  async #compareOne(rct: WireRct): Promise<CloudFinding | null> {
    const object = { key: keyOf(rct), name: plainUrl(rct.url), hostId: null }
    const failed = ({ message, remedy }: FerruleError): CloudFinding => ({
      ...object,
      code: 'rack-failed',
      message: `CloudStack's rack configuration is not applied here: ${message}`,
      remedy,
    })
    try {
      const text = await fetchRackFile(rct.url, this.#options.urls)
      const digest = createHash('sha256').update(text).digest('hex')
      if (await this.#isApplied(rct, digest)) return null
      if (await this.#isHere(text)) {
        await this.#note(rct, digest)
        return null
      }
      this.#news.push({ rct, text, digest })
      const failure = this.#failures.get(rct.id)
      // told again until it has been tried with what is in the file now
      if (failure?.digest === digest) return failed(failure.error)
      return { ...object, code: 'rack-unknown', ...unknownWords(object.name, this.#options.act) }
    } catch (error) {
      if (!(error instanceof FerruleError)) throw error
      return failed(error)
    }
  }

  async #isApplied({ id }: WireRct, digest: string): Promise<boolean> {
    const { tools, unseal } = this.#services
    const known = (await appliedCloudRacks(tools.db)).find(({ cloudId }) => cloudId === id)
    return known !== undefined && unseal('cloud-rack', id, known.digestSealed) === digest
  }

  /** The operator applied the same file by hand, whatever they called it. */
  async #isHere(text: string): Promise<boolean> {
    for (const { name } of await listRacks(this.#services.tools.db)) {
      if (name === CLOUD_RACK) continue
      const same = await checkRack(this.#services, name, text).then(
        ({ changes }) => changes.length === 0,
        (error: unknown) => {
          // it is about switches of another rack, or has faults: not the same, and told where it is applied
          if (error instanceof FerruleError && error.code !== 'database-unreachable') return false
          throw error
        },
      )
      if (same) return true
    }
    return false
  }

  async #gone(rcts: readonly WireRct[]): Promise<CloudFinding[]> {
    const { db } = this.#services.tools
    const isHere = (await listRacks(db)).some(({ name }) => name === CLOUD_RACK)
    const findings: CloudFinding[] = []
    for (const { cloudId, url } of await appliedCloudRacks(db)) {
      if (rcts.some(({ id }) => id === cloudId)) continue
      // another one took its place, or nothing of it is left here
      if (rcts.length > 0 || !isHere) await forgetCloudRack(db, cloudId)
      else
        findings.push({
          ...{ key: `rack:${cloudId}`, name: plainUrl(url), hostId: null, code: 'rack-gone' },
          message: `CloudStack has no rack configuration any more; ${CLOUD_RACK} is still applied here`,
          remedy: `Add it in CloudStack again, or end it here when no host needs it: "ferrule rack remove ${CLOUD_RACK}".`,
        })
    }
    return findings
  }

  async #note({ id, url }: WireRct, digest: string): Promise<void> {
    const { tools, seal } = this.#services
    await noteCloudRack(tools.db, {
      cloudId: id,
      url: plainUrl(url),
      digestSealed: seal('cloud-rack', id, digest),
    })
  }
}

const keyOf = ({ id }: WireRct) => `rack:${id}`

function unknownWords(where: string, act: RackAct): { message: string; remedy: string } {
  return {
    message: `CloudStack has a rack configuration (${where}) that is not applied here`,
    remedy:
      act === 'apply'
        ? 'Nothing: it is applied when three looks have seen it.'
        : 'Apply the file: "ferrule rack apply", or set cloudstack.racks.act to apply.',
  }
}
