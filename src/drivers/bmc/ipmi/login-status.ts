/**
 * What a status of Open Session or RAKP means for the login (IPMI 2.0 §13.24 table 13-15).
 * full: no free session now. suite: try another cipher suite. level: the user may not have this privilege.
 * user: the BMC does not know the user. password: it does not accept ours. lost: it forgot the half-open session.
 */
export type LoginRefusal = 'full' | 'suite' | 'level' | 'user' | 'password' | 'lost'

interface LoginStatus {
  refusal: LoginRefusal
  text: string
}

const statuses: Readonly<Record<number, LoginStatus>> = {
  1: { refusal: 'full', text: 'insufficient resources to create a session' },
  2: { refusal: 'lost', text: 'invalid session id' },
  3: { refusal: 'suite', text: 'invalid payload type' },
  4: { refusal: 'suite', text: 'invalid authentication algorithm' },
  5: { refusal: 'suite', text: 'invalid integrity algorithm' },
  6: { refusal: 'suite', text: 'no matching authentication payload' },
  7: { refusal: 'suite', text: 'no matching integrity payload' },
  8: { refusal: 'lost', text: 'inactive session id' },
  9: { refusal: 'level', text: 'invalid role' },
  10: { refusal: 'level', text: 'unauthorised role or privilege level' },
  11: { refusal: 'full', text: 'insufficient resources at the requested role' },
  12: { refusal: 'user', text: 'invalid name length' },
  13: { refusal: 'user', text: 'unauthorised name' },
  14: { refusal: 'user', text: 'unauthorised GUID' },
  15: { refusal: 'password', text: 'invalid integrity check value' },
  16: { refusal: 'suite', text: 'invalid confidentiality algorithm' },
  17: { refusal: 'suite', text: 'no cipher suite match' },
  18: { refusal: 'suite', text: 'illegal or unrecognised parameter' },
}

export function loginStatus(status: number): LoginStatus {
  return statuses[status] ?? { refusal: 'suite', text: 'a status that IPMI 2.0 does not define' }
}

export function loginStatusText(status: number): string {
  return `${loginStatus(status).text} (0x${status.toString(16).toUpperCase().padStart(2, '0')})`
}
