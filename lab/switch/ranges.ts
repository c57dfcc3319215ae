/** 1,2,3,7 → "1-3,7", as OS9 writes lists of VLANs. The numbers come sorted. */
export function formatNumbers(numbers: readonly number[]): string {
  const parts: string[] = []
  for (let start = 0; start < numbers.length; ) {
    let end = start
    while (numbers[end + 1] === (numbers[end] ?? 0) + 1) end += 1
    const first = numbers[start]
    parts.push(end === start ? `${first}` : `${first}-${numbers[end]}`)
    start = end + 1
  }
  return parts.join(',')
}

/** 1/1,1/2,1/3,1/7 → "1/1-3,1/7", as OS9 writes lists of ports of one type. The ports come sorted. */
export function formatPorts(ports: readonly string[]): string {
  const units = new Map<string, number[]>()
  for (const port of ports) {
    const cut = port.lastIndexOf('/')
    const unit = port.slice(0, Math.max(0, cut))
    units.set(unit, [...(units.get(unit) ?? []), Number(port.slice(cut + 1))])
  }
  const parts: string[] = []
  for (const [unit, numbers] of units) {
    for (const range of formatNumbers(numbers).split(','))
      parts.push(unit === '' ? range : `${unit}/${range}`)
  }
  return parts.join(',')
}

/** Reads "1/1-3,1/7" or "1/1-1/3": what formatPorts writes and what people type. Null if it is not such a list. */
export function parsePorts(text: string): string[] | null {
  const ports: string[] = []
  let unit = ''
  for (const part of text.split(',')) {
    const match = /^(?:(\d+(?:\/\d+)*)\/)?(\d+)(?:\s*-\s*(?:(\d+(?:\/\d+)*)\/)?(\d+))?$/.exec(part.trim())
    if (match === null) return null
    unit = match[1] ?? unit
    if (unit === '' || (match[3] !== undefined && match[3] !== unit)) return null
    const from = Number(match[2])
    const to = Number(match[4] ?? match[2])
    for (let number = from; number <= to; number += 1) ports.push(`${unit}/${number}`)
  }
  return ports
}
