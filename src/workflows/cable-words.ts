import type { CablePlace, ToldPlace } from '../domain/cable-truth.ts'

/** "eno1 is declared on 10.0.0.1 port 1/4": each fault begins so. */
export function declaredWords(nic: string, address: string, port: string): string {
  return `${nic} is declared on ${address} port ${port}`
}

/** Of LLDP, as the machine heard it at its last commissioning. */
export function seenWords(at: CablePlace, declared: CablePlace): string {
  const port = at.switch === declared.switch ? `port ${at.port}` : `switch ${at.switch}, port ${at.port}`
  return `${BY_MACHINE} ${port}`
}

const BY_MACHINE = 'but LLDP sees'

export function toldWords({ by, switch: id, port }: ToldPlace): string {
  return by === 'fdb'
    ? `but switch ${id} has learned its address on port ${port}`
    : `but switch ${id} hears it by LLDP on port ${port}`
}

export function strangerWords(by: ToldPlace['by'], mac: string, switchId: string, port: string): string {
  const said = by === 'fdb' ? 'has learned' : 'hears by LLDP'
  return `but there the switch ${said} ${mac}, declared on ${switchId} port ${port}`
}

export function wrongCablesMessage(host: string, faults: readonly string[]): string {
  return `the cables of ${host} are not as the rack file says: ${faults.join('; ')}`
}

/** Whose word it was that a NIC's cable is elsewhere, in such a message; null: it does not name that NIC. */
export function witnessAgainst(message: string, nic: string): 'machine' | 'switch' | null {
  const faults = message.split(/: |; /).filter((part) => part.startsWith(`${nic} is declared on `))
  if (faults.length === 0) return null
  return faults.every((fault) => fault.includes(`, ${BY_MACHINE} `)) ? 'machine' : 'switch'
}
