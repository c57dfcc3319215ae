import { z } from 'zod'
import { FerruleError } from '../../domain/errors.ts'
import { isMac, normaliseMac } from '../../domain/mac.ts'
import type { TenantData } from '../../domain/tenant-data.ts'

/** One file that CloudStack wants a metadata server to serve. */
const entry = z.object({ dir: z.string(), file: z.string(), content: z.string().nullish() })
type Entry = z.output<typeof entry>

const payload = z.object({
  vlan: z.string().nullish(),
  mac: z.string().nullish(),
  nic_uuid: z.string().min(1).nullish(),
  hostname: z.string().nullish(),
  vm_data: z.array(entry).nullish(),
  userdata: z.string().nullish(),
  sshkey: z.string().nullish(),
})
const envelope = z.object({ payload })
export type NetworkPayload = z.output<typeof payload>

/** Every command but custom-action has its own fields below `payload`; what stands beside them is not read. */
export function parseNetworkPayload(body: unknown): NetworkPayload {
  const parsed = envelope.safeParse(body)
  if (parsed.success) return parsed.data.payload
  throw new FerruleError(
    'invalid-input',
    'the payload is not what CloudStack writes for a NetworkOrchestrator',
    'Check that the extension is one of the type NetworkOrchestrator, of CloudStack 4.23 or newer.',
    // places only: what stands there may be a secret
    { issues: parsed.error.issues.map((issue) => issue.path.join('.')) },
  )
}

export interface NamedNic {
  mac: string
  vlan: string
  id: string | null
  hostname: string | null
}

export function nicOf({ mac, vlan, nic_uuid, hostname }: NetworkPayload): NamedNic | null {
  if (!mac || !isMac(mac)) return null
  return { mac: normaliseMac(mac), vlan: vlan || 'none', id: nic_uuid ?? null, hostname: hostname || null }
}

export interface VmData extends TenantData {
  /** CloudStack's uuid of the VM. */
  vm: string
  /** It brings a password, which nobody here could set. */
  hasPassword: boolean
}

/** Null: it names no VM, so nothing can be kept for it. */
export function vmDataOf(entries: readonly Entry[]): VmData | null {
  const content = (dir: string, file: string) =>
    entries.find((one) => one.dir === dir && one.file === file)?.content ?? ''
  const vm = content('meta-data', 'vm-id') || content('meta-data', 'instance-id')
  if (vm === '') return null
  return {
    vm,
    userData: content('userdata', 'user-data') || null,
    sshKeys: keysOf(content('meta-data', 'public-keys')),
    hostname: content('meta-data', 'local-hostname') || null,
    hasPassword: content('password', 'vm_password') !== '',
  }
}

/** One on each line. */
export function keysOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
