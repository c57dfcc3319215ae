import type { Schemas } from '../api/client.ts'
import { words } from '../words.ts'

const text = words.settings

/** Each region controller as it answered: whether it is there, and takes the key. */
export function MaasAnswers({ endpoints }: { endpoints: readonly Schemas['MaasEndpoint'][] }) {
  return (
    <ul className="tokens">
      {endpoints.map(({ url, version, account, ms, fault }) => (
        <li key={url}>
          <b>{url}</b>{' '}
          {fault === null ? (
            <>
              <span className="clean">{text.maasWell}</span>{' '}
              {text.maasSays(version ?? words.unknown, ms, account?.username ?? words.unknown)}
            </>
          ) : (
            <span className="lie">
              {fault.message}. {fault.remedy}
            </span>
          )}
          {account !== null && !account.isSuperuser && <p className="dirty">{text.maasNoAdmin}</p>}
        </li>
      ))}
    </ul>
  )
}
