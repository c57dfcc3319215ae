/**
 * The durable engine retries what it knows as a lost connection, and takes anything else for a fault of the program:
 * its workflows would hang for good after a restart of PostgreSQL. Two codes of a unix socket are not among those that
 * it knows: no socket file (the server is down) and a write that met a closed socket (it died between two bytes).
 */
const TCP_CODE: Readonly<Record<string, string>> = { ENOENT: 'ECONNREFUSED', EPIPE: 'ECONNRESET' }

/** Gives the error of a server that is gone the code that a connection by TCP gives it; returns the same object. */
export function asOverTcp<T>(error: T): T {
  if (error instanceof Error && 'code' in error) error.code = TCP_CODE[String(error.code)] ?? error.code
  return error
}
