import { sensorType } from '../sensor/types.ts'

/** Codes of "firmware error", offset 0 of sensor type 0Fh (IPMI 2.0 §42.2 table 42-3). */
const firmwareErrors = [
  'unspecified',
  'no system memory installed',
  'no usable system memory',
  'unrecoverable hard disk failure',
  'unrecoverable system board failure',
  'unrecoverable diskette failure',
  'unrecoverable hard disk controller failure',
  'unrecoverable keyboard failure',
  'removable boot media not found',
  'unrecoverable video controller failure',
  'no video device detected',
  'firmware ROM corruption detected',
  'CPU voltage mismatch',
  'CPU speed mismatch',
] as const

/** Codes of "firmware hang" and "firmware progress", offsets 1 and 2. */
const firmwareProgress = [
  'unspecified',
  'memory initialisation',
  'hard disk initialisation',
  'secondary processor initialisation',
  'user authentication',
  'user-initiated system setup',
  'USB configuration',
  'PCI configuration',
  'option ROM initialisation',
  'video initialisation',
  'cache initialisation',
  'SM bus initialisation',
  'keyboard controller initialisation',
  'management controller initialisation',
  'docking station attachment',
  'docking station enabled',
  'docking station ejection',
  'docking station disabled',
  'calling the wake-up vector of the OS',
  'starting the OS boot process',
  'baseboard initialisation',
  '',
  'floppy initialisation',
  'keyboard test',
  'pointing device test',
  'primary processor initialisation',
] as const

const supplyFaults = [
  'vendor mismatch',
  'revision mismatch',
  'processor missing',
  'power supply rating mismatch',
  'voltage rating mismatch',
] as const

/**
 * What the second and third data byte add to the state of a sensor-specific event, where the first byte says that they
 * carry it; undefined where nothing of it is known.
 */
export function extension(type: number, data: readonly [number, number, number]): string | undefined {
  const [first, second, third] = data
  const offset = first & 0x0f
  // Bits 7:6 and 5:4: 11b is "sensor-specific extension" (IPMI 2.0 §29.7 table 29-6).
  const hasSecond = first >> 6 === 3
  const hasThird = ((first >> 4) & 3) === 3
  switch (type) {
    case sensorType.systemFirmware:
      if (!hasSecond) return undefined
      return (offset === 0 ? firmwareErrors : firmwareProgress)[second] || undefined
    case sensorType.memory:
      return hasThird ? `memory module ${third}` : undefined
    case sensorType.powerSupply:
      return offset === 6 && hasThird ? supplyFaults[third & 0x0f] : undefined
    case sensorType.sessionAudit:
      return hasSecond ? `user ${second & 0x3f}` : undefined
    default:
      return undefined
  }
}
