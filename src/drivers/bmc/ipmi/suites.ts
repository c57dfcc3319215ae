/** A cipher suite: three algorithms and their lengths (IPMI 2.0 §13.28 to §13.30, suites: §22.15.2 table 22-20). */
export interface CipherSuite {
  id: 3 | 17
  /** Authentication algorithm number (table 13-17). */
  authentication: number
  /** Integrity algorithm number (table 13-18). */
  integrity: number
  /** Confidentiality algorithm number (table 13-19): 1 = AES-CBC-128. */
  confidentiality: number
  hash: 'sha1' | 'sha256'
  /** Bytes of the full HMAC in RAKP 2 and 3. */
  hashBytes: number
  /** Bytes that remain of the HMAC in RAKP 4 and in each packet's trailer. */
  icvBytes: number
}

const suite17: CipherSuite = {
  id: 17,
  authentication: 3,
  integrity: 4,
  confidentiality: 1,
  hash: 'sha256',
  hashBytes: 32,
  icvBytes: 16,
}

const suite3: CipherSuite = {
  id: 3,
  authentication: 1,
  integrity: 1,
  confidentiality: 1,
  hash: 'sha1',
  hashBytes: 20,
  icvBytes: 12,
}

/** In the order in which they are offered. Suites without authentication, integrity or encryption (0 to 2) never are. */
export const cipherSuites: readonly CipherSuite[] = [suite17, suite3]
