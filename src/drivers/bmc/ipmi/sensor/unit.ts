import type { SensorReading } from '../../types.ts'
import { sensorType } from './types.ts'

export interface Unit {
  symbol: SensorReading['unit']
  /** From the unit of the record to that of the symbol. */
  toSymbol(value: number): number
}

/** Sensor units 1 to 3 of a record (IPMI 2.0 §43.1 table 43-1, bytes 21 to 23). */
export interface RecordUnits {
  percentage: boolean
  /** Per second and the like (bits 5:3), or combined with a second unit (bits 2:1). */
  compound: boolean
  base: number
}

export function decodeUnits(units1: number, base: number): RecordUnits {
  return { percentage: (units1 & 0x01) !== 0, compound: (units1 & 0x3e) !== 0, base }
}

const same = (value: number) => value

/** Base units (IPMI 2.0 §43.17 table 43-15) that Ferrule shows; the rest is a number without unit. */
const units: Readonly<Record<number, Unit>> = {
  1: { symbol: '°C', toSymbol: same },
  2: { symbol: '°C', toSymbol: (fahrenheit) => ((fahrenheit - 32) * 5) / 9 },
  3: { symbol: '°C', toSymbol: (kelvin) => kelvin - 273.15 },
  4: { symbol: 'V', toSymbol: same },
  5: { symbol: 'A', toSymbol: same },
  6: { symbol: 'W', toSymbol: same },
  7: { symbol: 'J', toSymbol: same },
  9: { symbol: 'VA', toSymbol: same },
  17: { symbol: 'CFM', toSymbol: same },
  18: { symbol: 'rpm', toSymbol: same },
  19: { symbol: 'Hz', toSymbol: same },
}

const none: Unit = { symbol: '', toSymbol: same }

export function unitOf({ percentage, compound, base }: RecordUnits): Unit {
  if (percentage) return { symbol: '%', toSymbol: same }
  return compound ? none : (units[base] ?? none)
}

/** What a sensor is about: its type says it, or else its unit. */
export function kindOf(type: number, symbol: SensorReading['unit']): SensorReading['kind'] {
  switch (type) {
    case sensorType.temperature:
      return 'temperature'
    case sensorType.voltage:
      return 'voltage'
    case sensorType.current:
      return symbol === 'W' ? 'power' : 'current'
    case sensorType.fan:
      return 'fan'
  }
  switch (symbol) {
    case '°C':
      return 'temperature'
    case 'rpm':
    case 'CFM':
      return 'fan'
    case 'V':
      return 'voltage'
    case 'A':
      return 'current'
    case 'W':
    case 'VA':
      return 'power'
  }
  return type === sensorType.powerSupply || type === sensorType.powerUnit ? 'power' : 'other'
}
