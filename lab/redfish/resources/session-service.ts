import { message, RedfishError } from '../messages.ts'
import {
  collection,
  type Exchange,
  type Json,
  link,
  type Outcome,
  ROOT,
  type Route,
  resource,
} from '../resource.ts'
import { type Session, TIMEOUT_S } from '../sessions.ts'
import { required, whole } from './setters.ts'

const SERVICE = '/SessionService'
const SESSIONS = `${SERVICE}/Sessions`

export const SESSION_ROUTES: readonly Route[] = [
  {
    pattern: SERVICE,
    get: ({ service }) =>
      resource(SERVICE, 'SessionService.v1_1_9', 'SessionService', 'Session Service', {
        ServiceEnabled: true,
        SessionTimeout: service.sessions.timeoutS,
        Status: { State: 'Enabled', Health: 'OK' },
        Sessions: link(SESSIONS),
      }),
    patch: {
      privilege: () => 'ConfigureManager',
      setters: ({ service }) => ({
        SessionTimeout: whole(TIMEOUT_S.min, TIMEOUT_S.max, (seconds) => {
          service.sessions.timeoutS = seconds
        }),
      }),
    },
  },
  {
    pattern: SESSIONS,
    get: ({ service }) =>
      collection(
        SESSIONS,
        'Session',
        'Session Collection',
        service.sessions.all().map(({ id }) => id),
      ),
    // The request itself is the login.
    post: { privilege: null, run: logIn },
  },
  {
    pattern: `${SESSIONS}/:session`,
    get(x) {
      const session = x.service.sessions.find(x.param('session'))
      return session === undefined ? null : sessionResource(session)
    },
    delete: {
      privilege: (x) => {
        const session = x.service.sessions.find(x.param('session'))
        return session?.account.id === x.account?.id ? 'ConfigureSelf' : 'ConfigureManager'
      },
      run(x) {
        x.service.sessions.close(x.param('session'))
        return { status: 204 }
      },
    },
  },
]

function sessionResource({ id, account, created }: Session): Json {
  return resource(`${SESSIONS}/${id}`, 'Session.v1_7_1', id, 'User Session', {
    UserName: account.username,
    Password: null,
    SessionType: 'Redfish',
    CreatedTime: new Date(created).toISOString().replace(/\.\d+Z/, 'Z'),
  })
}

function logIn({ service, body }: Exchange): Outcome {
  const username = required(body, 'UserName')
  const password = required(body, 'Password')
  const messages = [...username.messages, ...password.messages]
  if (messages.length > 0) throw new RedfishError(400, messages)
  const { controller, accounts, sessions, dials } = service
  const account = controller.dials.rejectPassword
    ? null
    : accounts.authenticate(username.value, password.value)
  if (account === null) throw new RedfishError(401, [message('NoValidSession')])
  const session = sessions.open(account, Date.now(), dials.sessionsTaken)
  if (session === null) throw new RedfishError(503, [message('SessionLimitExceeded')])
  const change = account.passwordChangeRequired
    ? {
        '@Message.ExtendedInfo': [
          message('PasswordChangeRequired', `${ROOT}/AccountService/Accounts/${account.id}`),
        ],
      }
    : {}
  return {
    status: 201,
    headers: { Location: `${ROOT}${SESSIONS}/${session.id}`, 'X-Auth-Token': session.token },
    body: { ...sessionResource(session), ...change },
  }
}
