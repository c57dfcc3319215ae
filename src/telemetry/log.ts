import type { Logger } from 'pino'
import { pino } from 'pino'
import { pinoRedaction } from '../secrets/redact.ts'

export type Log = (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void

/** JSON lines on stderr: stdout belongs to what a command was asked for. Message texts are static; values go beside them. */
export function createLogger(level: string): Logger {
  return pino({ level, base: { pid: process.pid }, redact: pinoRedaction }, pino.destination(2))
}

export function toLog(logger: Logger): Log {
  return (level, message, data) => logger[level](data ?? {}, message)
}
