/** What one side says that the machine is; null: it does not say. */
export interface Identity {
  serial: string | null
  uuid: string | null
}

interface Disk {
  name: string
  serial: string | null
}

/**
 * Where the BMC and what was found on the machine itself cannot both be true: the BMC is another machine's, or a board
 * or a disk was changed since. What one of them does not say is no difference.
 */
export function hardwareDifferences(
  bmc: Identity & { disks: readonly Disk[] },
  found: Identity & { disks: readonly Disk[] },
): string[] {
  return [
    ...differ('serial number', meant(bmc.serial), meant(found.serial), sameText),
    ...differ('UUID', meant(bmc.uuid), meant(found.uuid), sameUuid),
    ...differentDisks(bmc.disks, found.disks),
  ]
}

function differ(
  what: string,
  bmc: string | null,
  found: string | null,
  same: (one: string, other: string) => boolean,
): string[] {
  if (bmc === null || found === null || same(bmc, found)) return []
  return [`${what}: ${bmc} by its BMC, ${found} by its commissioning`]
}

/** A BMC that tells no serial number at all does not see the disks; one that tells some sees all of its controller. */
function differentDisks(bmc: readonly Disk[], found: readonly Disk[]): string[] {
  const seen = bmc.filter(({ serial }) => meant(serial) !== null)
  const known = found.filter(({ serial }) => meant(serial) !== null)
  if (seen.length === 0 || known.length === 0) return []
  const lacks = (disks: readonly Disk[], { serial }: Disk) =>
    !disks.some((one) => sameDisk(one.serial ?? '', serial ?? ''))
  return [
    ...known
      .filter((disk) => lacks(seen, disk))
      .map(({ name, serial }) => `disk ${name} (${serial}) is none of those that the BMC sees`),
    ...seen
      .filter((disk) => lacks(known, disk))
      .map(({ name, serial }) => `disk ${name} (${serial}) of the BMC was not there at the commissioning`),
  ]
}

/** Null too for what stands where nobody has written a number. */
function meant(text: string | null): string | null {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' || placeholder.test(trimmed) ? null : trimmed
}

/** Seen in the SMBIOS of boards whose maker left the form empty, and all zeroes or ones. */
const placeholder =
  /^(unknown|none|n\/?a|default( string)?|not (specified|available|applicable)|to be filled by o\.?e\.?m\.?|(system|chassis) serial number|0?123456789(0|abcdef)?|[0-]+|[f-]+)$/i

function sameText(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Linux puts the vendor or the model in front of the serial number of some disks. */
function sameDisk(one: string, other: string): boolean {
  const [a, b] = [one.trim().toLowerCase(), other.trim().toLowerCase()]
  return a !== '' && b !== '' && (a.endsWith(b) || b.endsWith(a))
}

/** IPMI, SMBIOS and boards disagree on the byte order of the first three fields: either order is the same machine. */
function sameUuid(one: string, other: string): boolean {
  return sameText(one, other) || sameText(swapped(one), other)
}

function swapped(uuid: string): string {
  const reverse = (field: string) => (field.match(/../g) ?? []).reverse().join('')
  return uuid
    .split('-')
    .map((field, index) => (index < 3 ? reverse(field) : field))
    .join('-')
}
