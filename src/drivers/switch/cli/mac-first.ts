const row = /^\s*((?:[0-9a-f]{4}-){2}[0-9a-f]{4}|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2})\s+(\d{1,4})(?=[\s/]|$)/i

/** Tables of learned addresses whose rows begin with the address: then the VLAN's number, whatever follows. */
export function macFirstTable(answer: string): { mac: string; vlan: number }[] {
  return answer.split('\n').flatMap((line) => {
    const match = row.exec(line)
    if (!match?.[1]) return []
    const digits = match[1].toLowerCase().replaceAll(/[:-]/g, '')
    return [{ mac: digits.replaceAll(/..(?!$)/g, '$&:'), vlan: Number(match[2]) }]
  })
}
