import type { Schemas } from '../api/client.ts'
import { isLie } from '../parts/cable-verdict.ts'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'

const text = words.racks
const place = (at: { switch: string; port: string }) => `${at.switch} ${at.port}`
const told = (at: Schemas['RackCables']['cables'][number]['learned'][number]) =>
  at.by === 'lldp' ? text.byLldp(place(at)) : place(at)
const orNone = (at: { switch: string; port: string } | null) => (at === null ? words.none : place(at))

/** Where each cable should be, where LLDP heard it and where the switches have learned it; open where one lies. */
export function CableList({ cables: { cables, well, silent } }: { cables: Schemas['RackCables'] }) {
  return (
    <details open={!well}>
      <summary>{text.cables}</summary>
      <Wide label={text.cables}>
        <table>
          <thead>
            <tr>
              {[text.machine, text.mac, text.declared, text.seen, text.learned, text.verdict].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cables.map((cable) => (
              <tr key={cable.mac} className={isLie(cable) ? 'lie' : undefined}>
                <td>
                  {cable.machine} {cable.nic}
                </td>
                <td>
                  <code>{cable.mac}</code>
                </td>
                <td>{orNone(cable.declared)}</td>
                <td>{orNone(cable.seen)}</td>
                <td>{cable.learned.length === 0 ? words.none : cable.learned.map(told).join(', ')}</td>
                <td>{text.verdicts[cable.verdict]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {silent.map(({ switch: name, by, reason }) => (
        <p key={`${name} ${by}`} className="quiet">
          {text.untold[by](name, reason)}
        </p>
      ))}
    </details>
  )
}
