import { timingSafeEqual } from 'node:crypto'

export const PRIVILEGES = [
  'Login',
  'ConfigureManager',
  'ConfigureUsers',
  'ConfigureSelf',
  'ConfigureComponents',
] as const
export type Privilege = (typeof PRIVILEGES)[number]

/** The standard roles of DSP0266. */
export const ROLES: Readonly<Record<string, readonly Privilege[]>> = {
  Administrator: PRIVILEGES,
  Operator: ['Login', 'ConfigureSelf', 'ConfigureComponents'],
  ReadOnly: ['Login', 'ConfigureSelf'],
}

export const PASSWORD_LENGTH = { min: 8, max: 20 } as const
export const ACCOUNT_LIMIT = 8
/** The account that came with the machine. */
export const FIRST_ACCOUNT = '1'

export interface Account {
  readonly id: string
  username: string
  password: string
  role: string
  enabled: boolean
  passwordChangeRequired: boolean
}

export class Accounts {
  private readonly byId = new Map<string, Account>()
  private lastId = 1

  constructor(first: { username: string; password: string }) {
    this.byId.set(FIRST_ACCOUNT, {
      id: FIRST_ACCOUNT,
      ...first,
      role: 'Administrator',
      enabled: true,
      passwordChangeRequired: false,
    })
  }

  all(): Account[] {
    return [...this.byId.values()]
  }

  find(id: string): Account | undefined {
    return this.byId.get(id)
  }

  named(username: string): Account | undefined {
    return this.all().find((account) => account.username === username)
  }

  add(account: Omit<Account, 'id'>): Account {
    this.lastId += 1
    const added = { ...account, id: String(this.lastId) }
    this.byId.set(added.id, added)
    return added
  }

  remove(id: string): void {
    this.byId.delete(id)
  }

  authenticate(username: string, password: string): Account | null {
    const account = this.named(username)
    return account?.enabled && equal(account.password, password) ? account : null
  }
}

export function has(account: Account, privilege: Privilege): boolean {
  return ROLES[account.role]?.includes(privilege) ?? false
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
