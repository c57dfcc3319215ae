/** Values that differ from one region, machine or run to the next: only their kind is compared. */
const VARIES = new Set([
  'id',
  'device_id',
  'script_id',
  'script_revision_id',
  'created',
  'updated',
  'started',
  'ended',
  'starttime',
  'endtime',
  'runtime',
  'estimated_runtime',
  'last_ping',
  'last_deployed',
  'memory',
  'cores',
  'cpu_count',
  'cpu_speed',
  'hardware_uuid',
  'bios_boot_method',
  'storage',
  'uuid',
  'size',
  'used_size',
  'available_size',
  'model',
  'serial',
  'id_path',
  'vendor',
  'product',
  'firmware_version',
  'fabric',
  'fabric_id',
  'power_type',
  'resource_uri',
  // Cached; the power monitor of the recording had not come round.
  'power_state',
  'next_uri',
  'prev_uri',
  'current_commissioning_result_id',
  'current_installation_result_id',
  'output',
  'stdout',
  'system_vendor',
  'system_product',
  'system_serial',
  'cpu_model',
  'mainboard_vendor',
])

/** Lists whose length depends on the machine or the region. */
const VARIABLE_LENGTH = new Set(['cores', 'blockdevice_set', 'physicalblockdevice_set', 'fabrics'])

/** Differences as readable lines; keys and their order-free set must be equal everywhere. */
export function differences(real: unknown, lab: unknown, path = '', key = ''): string[] {
  if (Array.isArray(real) && Array.isArray(lab)) {
    if (real.length !== lab.length && !VARIABLE_LENGTH.has(key)) {
      return [`${path}: ${real.length} elements, the lab has ${lab.length}`]
    }
    return real
      .slice(0, lab.length)
      .flatMap((one, index) => differences(one, lab[index], `${path}[${index}]`, key))
  }
  if (isRecord(real) && isRecord(lab)) {
    const keys = [...new Set([...Object.keys(real), ...Object.keys(lab)])]
    return keys.flatMap((name) => {
      if (!(name in real)) return [`${path}.${name}: only in the lab`]
      if (!(name in lab)) return [`${path}.${name}: missing in the lab`]
      return differences(real[name], lab[name], `${path}.${name}`, name)
    })
  }
  if (VARIES.has(key)) {
    const kinds = [kind(real), kind(lab)]
    return kinds[0] === kinds[1] || kinds.includes('null')
      ? []
      : [`${path}: ${kinds[0]}, the lab has ${kinds[1]}`]
  }
  return real === lab ? [] : [`${path}: ${JSON.stringify(real)}, the lab has ${JSON.stringify(lab)}`]
}

function kind(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
