import {
  ACCOUNT_LIMIT,
  type Account,
  type Accounts,
  FIRST_ACCOUNT,
  PASSWORD_LENGTH,
  ROLES,
} from '../accounts.ts'
import { aboutProperty, message, RedfishError } from '../messages.ts'
import {
  collection,
  type Exchange,
  type Json,
  link,
  type Outcome,
  ROOT,
  type Route,
  resource,
  type Setter,
} from '../resource.ts'
import { flag, oneOf, required, text, wrongType } from './setters.ts'

const SERVICE = '/AccountService'
const ACCOUNTS = `${SERVICE}/Accounts`

export const ACCOUNT_ROUTES: readonly Route[] = [
  {
    pattern: SERVICE,
    get: () =>
      resource(SERVICE, 'AccountService.v1_15_0', 'AccountService', 'Account Service', {
        ServiceEnabled: true,
        MinPasswordLength: PASSWORD_LENGTH.min,
        MaxPasswordLength: PASSWORD_LENGTH.max,
        Status: { State: 'Enabled', Health: 'OK' },
        Accounts: link(ACCOUNTS),
        Roles: link(`${SERVICE}/Roles`),
      }),
  },
  {
    pattern: ACCOUNTS,
    get: ({ service }) =>
      collection(
        ACCOUNTS,
        'ManagerAccount',
        'Accounts Collection',
        service.accounts.all().map(({ id }) => id),
      ),
    post: { privilege: 'ConfigureUsers', run: create },
  },
  {
    pattern: `${ACCOUNTS}/:account`,
    get(x) {
      const account = x.service.accounts.find(x.param('account'))
      return account === undefined ? null : accountResource(account)
    },
    // Everybody may change their own password, and administrators everything.
    patch: {
      privilege: (x) =>
        x.param('account') === x.account?.id && Object.keys(x.body).every((name) => name === 'Password')
          ? 'ConfigureSelf'
          : 'ConfigureUsers',
      setters: accountSetters,
    },
    delete: { privilege: () => 'ConfigureUsers', run: remove },
  },
  {
    pattern: `${SERVICE}/Roles`,
    get: () => collection(`${SERVICE}/Roles`, 'Role', 'Roles Collection', Object.keys(ROLES)),
  },
  {
    pattern: `${SERVICE}/Roles/:role`,
    get(x) {
      const name = x.param('role')
      const privileges = Object.hasOwn(ROLES, name) ? ROLES[name] : undefined
      if (privileges === undefined) return null
      return resource(`${SERVICE}/Roles/${name}`, 'Role.v1_3_2', name, `${name} Role`, {
        RoleId: name,
        IsPredefined: true,
        AssignedPrivileges: privileges,
        OemPrivileges: [],
      })
    },
  },
]

function accountResource(account: Account): Json {
  const { id, username, role, enabled, passwordChangeRequired } = account
  return resource(`${ACCOUNTS}/${id}`, 'ManagerAccount.v1_12_0', id, `Account ${username}`, {
    UserName: username,
    // Never given out, and null says that there is one.
    Password: null,
    RoleId: role,
    Enabled: enabled,
    Locked: false,
    PasswordChangeRequired: passwordChangeRequired,
    AccountTypes: ['Redfish'],
    Links: { Role: link(`${SERVICE}/Roles/${role}`) },
  })
}

function accountSetters(x: Exchange): Record<string, Setter> {
  const { accounts } = x.service
  const account = accounts.find(x.param('account'))
  if (account === undefined) return {}
  return {
    UserName: (value, name) => {
      if (typeof value !== 'string') return wrongType(name, value)
      if (value !== account.username && accounts.named(value))
        return [aboutProperty(name, 'ResourceAlreadyExists', 'ManagerAccount', name, value)]
      return text(16, (username) => {
        account.username = username
      })(value, name)
    },
    Password: password((value) => {
      account.password = value
      account.passwordChangeRequired = false
    }),
    RoleId: oneOf(Object.keys(ROLES), (role) => {
      account.role = role
    }),
    Enabled: flag((enabled) => {
      account.enabled = enabled
    }),
    PasswordChangeRequired: flag((needed) => {
      account.passwordChangeRequired = needed
    }),
  }
}

function password(set: (value: string) => void): Setter {
  return (value, name) => {
    if (typeof value !== 'string') return wrongType(name, 'null')
    const { min, max } = PASSWORD_LENGTH
    // The refused value is a secret that somebody might use elsewhere.
    if (value.length < min || value.length > max)
      return [aboutProperty(name, 'PropertyValueOutOfRange', '***', name)]
    set(value)
    return []
  }
}

function create(x: Exchange): Outcome {
  const { accounts } = x.service
  const username = required(x.body, 'UserName')
  const role = required(x.body, 'RoleId')
  const secret = required(x.body, 'Password')
  let chosen = ''
  const checks =
    secret.messages.length > 0
      ? []
      : password((value) => {
          chosen = value
        })(secret.value, 'Password')
  const messages = [...username.messages, ...role.messages, ...secret.messages, ...checks]
  if (role.value !== '' && !Object.hasOwn(ROLES, role.value))
    messages.push(aboutProperty('RoleId', 'PropertyValueNotInList', role.value, 'RoleId'))
  if (accounts.named(username.value))
    messages.push(message('ResourceAlreadyExists', 'ManagerAccount', 'UserName', username.value))
  if (messages.length > 0) throw new RedfishError(400, messages)
  if (accounts.all().length >= ACCOUNT_LIMIT)
    throw new RedfishError(400, [message('CreateLimitReachedForResource')])
  const account = accounts.add({
    username: username.value,
    password: chosen,
    role: role.value,
    enabled: x.body.Enabled !== false,
    passwordChangeRequired: x.body.PasswordChangeRequired === true,
  })
  return {
    status: 201,
    headers: { Location: `${ROOT}${ACCOUNTS}/${account.id}` },
    body: accountResource(account),
  }
}

function remove(x: Exchange): Outcome {
  const id = x.param('account')
  if (id === FIRST_ACCOUNT) throw new RedfishError(400, [message('ResourceCannotBeDeleted')])
  x.service.accounts.remove(id)
  endSessionsOf(x.service.accounts, x)
  return { status: 204 }
}

/** Whoever is gone is logged out. */
function endSessionsOf(accounts: Accounts, { service }: Exchange): void {
  for (const { id, account } of service.sessions.all())
    if (!accounts.find(account.id)) service.sessions.close(id)
}
