import type { Caller } from '../../src/services/context.ts'

export const admin: Caller = { name: 'test', role: 'admin' }
