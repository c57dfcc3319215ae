import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import type { ProblemError } from '../api/problem.ts'
import { overviewQuery } from '../api/queries.ts'
import { words } from '../words.ts'
import { Facts } from './facts.tsx'
import { durationText } from './time.tsx'

type PlanJson = Schemas['Plan']
const text = words.plan

/** What would be done: host and why the others lost, the switches' own lines, the calls. */
export function Plan({ plan }: { plan: PlanJson }) {
  const { choice, refusals } = plan
  return (
    <div className="plan">
      {refusals.length > 0 && (
        <div className="problem">
          <p>{text.refusals}</p>
          <ul>
            {refusals.map(({ code, message, remedy }) => (
              <li key={`${code} ${message}`}>
                {message}. <span className="remedy">{remedy}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      <Facts
        of={[
          [
            text.host,
            plan.host === null ? (
              text.noHost
            ) : (
              <Link key="host" to="/hosts/$name" params={{ name: plan.host }}>
                {plan.host}
              </Link>
            ),
          ],
          [text.bond, plan.bond && text.bondOf(plan.bond.mode, plan.bond.members.join(' + '), plan.bond.mac)],
          [text.minutes, refusals.length > 0 ? null : <Expected key="expected" plan={plan} />],
          [text.diskLayout, plan.diskLayout],
          plan.action === 'deploy'
            ? [text.eraseInTheEnd, plan.erase]
            : [text.erase, plan.erase ?? text.noErase],
        ]}
      />
      {plan.bond?.notes.map((note) => (
        <p key={note} className="hint">
          {note}
        </p>
      ))}
      <Ports plan={plan} />
      <h4>{text.calls}</h4>
      {plan.maas.length + plan.bmc.length === 0 && <p>{text.noCalls}</p>}
      <ol className="lines">
        {plan.maas.map((line) => (
          <li key={`maas ${line}`}>
            <span className="quiet">{text.maas}</span> <code>{line}</code>
          </li>
        ))}
        {plan.bmc.map((line) => (
          <li key={`bmc ${line}`}>
            <span className="quiet">{text.bmc}</span> <code>{line}</code>
          </li>
        ))}
      </ol>
      {choice && <Losers choice={choice} />}
    </div>
  )
}

/** By what this site's own operations of the kind needed, where there were any. */
function Expected({ plan }: { plan: PlanJson }) {
  const { data } = useQuery(overviewQuery)
  const usual = data?.usual.find(({ kind }) => kind === plan.action)
  if (usual)
    return (
      <>
        {durationText(usual.medianMs)}, {text.fromHistory(usual.count)}
      </>
    )
  return (
    <>
      {durationText(plan.expectedMinutes * 60_000)}, {text.fromRule}
    </>
  )
}

function Ports({ plan: { ports } }: { plan: PlanJson }) {
  return (
    <>
      <h4>{text.ports}</h4>
      {ports.length === 0 && <p>{text.noPorts}</p>}
      {ports.map((port) => (
        <div key={`${port.switch} ${port.port}`} className="port-lines">
          <p>
            <b>
              {port.switch} {port.port}
            </b>{' '}
            ({port.nic}): {text.before} {port.before}; {text.after} {port.after}
          </p>
          {port.lines.length === 0 ? (
            <p className="quiet">{text.alreadySo}</p>
          ) : (
            <pre>{port.lines.join('\n')}</pre>
          )}
          {port.saves && <p className="quiet">{text.saves}</p>}
        </div>
      ))}
    </>
  )
}

function Losers({ choice }: { choice: NonNullable<PlanJson['choice']> }) {
  const losers = [...choice.runnersUp, ...choice.refused]
  if (losers.length === 0) return null
  return (
    <details open={choice.hostId === null}>
      <summary>{text.losers(losers.length)}</summary>
      <ul className="losers">
        {losers.map(({ hostId, host, reasons }) => (
          <li key={hostId}>
            <Link to="/hosts/$name" params={{ name: host }}>
              {host}
            </Link>{' '}
            {reasons.join('; ')}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** The same, as the API says it of a deploy that it has refused. */
export function changesTold({ changed }: ProblemError, now: PlanJson): string[] {
  const told = changed.map(({ what, was, now: after }) =>
    what === 'host' ? `${text.host}: ${was} → ${after[0] ?? text.noHost}` : (parts[what] ?? what),
  )
  return now.refusals.length > 0 ? [...told, text.refusals] : told
}

const parts: Readonly<Record<string, string>> = {
  ports: text.ports,
  bond: text.bond,
  maas: text.maas,
  bmc: text.bmc,
  diskLayout: text.diskLayout,
  erase: text.eraseInTheEnd,
}

/** What differs between the plan that was looked at and the one of this moment; empty: nothing that matters. */
export function planChanges(seen: PlanJson, now: PlanJson): string[] {
  const changes: string[] = []
  const tell = (what: string, before: unknown, after: unknown) => {
    if (JSON.stringify(before) !== JSON.stringify(after)) changes.push(what)
  }
  tell(`${text.host}: ${seen.host ?? text.noHost} → ${now.host ?? text.noHost}`, seen.host, now.host)
  tell(text.bond, seen.bond, now.bond)
  tell(text.erase, seen.erase, now.erase)
  tell(text.diskLayout, seen.diskLayout, now.diskLayout)
  tell(text.ports, seen.ports, now.ports)
  tell(text.maas, seen.maas, now.maas)
  tell(text.bmc, seen.bmc, now.bmc)
  tell(text.refusals, seen.refusals, now.refusals)
  return changes
}
