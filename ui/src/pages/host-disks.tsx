import { useQuery } from '@tanstack/react-query'
import { certificatesQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { saveJson } from '../parts/download.ts'
import { Loaded } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'
import { bytesText, type Host } from './hosts-columns.tsx'

const text = words.host

export function HostDisks({ host }: { host: Host }) {
  const query = useQuery(certificatesQuery(host.name))
  return (
    <section className="card" aria-label={text.disks}>
      <h2>{text.disks}</h2>
      {host.disks.length === 0 ? (
        <p>{text.noDisks}</p>
      ) : (
        <>
          {host.instanceId !== null ? (
            <p>{text.tenants}</p>
          ) : (
            <p className={host.dirty ? 'dirty' : 'clean'}>{host.dirty ? text.dirty : text.clean}</p>
          )}
          <Wide label={text.disks}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{words.hosts.name}</th>
                  <th scope="col">{text.size}</th>
                  <th scope="col">{text.model}</th>
                  <th scope="col">{text.serial}</th>
                </tr>
              </thead>
              <tbody>
                {host.disks.map((disk) => (
                  <tr key={disk.name}>
                    <td>{disk.name}</td>
                    <td>{bytesText(disk.size)}</td>
                    <td>{disk.model}</td>
                    <td>
                      <code>{disk.serial}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        </>
      )}
      <h3>{text.certificates}</h3>
      <Loaded query={query} what={text.certificates}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{text.noCertificates}</p>
          ) : (
            <ul className="certificates">
              {items.map((certificate) => (
                <li key={certificate.id}>
                  <span className={certificate.proven ? 'state tone-good' : 'state tone-bad'}>
                    {certificate.proven ? text.proven : text.unproven}
                  </span>{' '}
                  <Time at={certificate.at} /> {summaryOf(certificate.body)}{' '}
                  <Button onClick={() => saveJson(`erase-${host.name}-${certificate.id}.json`, certificate)}>
                    {text.download}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  )
}

/** Its own sentence, where the evidence has one. */
function summaryOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return ''
  for (const name of ['summary', 'statement'])
    if (name in body) {
      const value: unknown = Reflect.get(body, name)
      if (typeof value === 'string') return value
    }
  return ''
}
