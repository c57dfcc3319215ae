import type { Schemas } from '../api/client.ts'
import { isLie } from '../parts/cable-verdict.ts'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'

const text = words.racks
const place = (at: { switch: string; port: string } | null) =>
  at === null ? words.none : `${at.switch} ${at.port}`

/** Where each cable should be and where LLDP heard it; open where one lies. */
export function CableList({ cables: { cables, well } }: { cables: Schemas['RackCables'] }) {
  return (
    <details open={!well}>
      <summary>{text.cables}</summary>
      <Wide label={text.cables}>
        <table>
          <thead>
            <tr>
              {[text.machine, text.mac, text.declared, text.seen, text.verdict].map((title) => (
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
                <td>{place(cable.declared)}</td>
                <td>{place(cable.seen)}</td>
                <td>{text.verdicts[cable.verdict]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </details>
  )
}
