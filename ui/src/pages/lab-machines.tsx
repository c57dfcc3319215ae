import { Button } from '../parts/button.tsx'
import { Problem } from '../parts/problem.tsx'
import { State } from '../parts/state.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'
import { type Lab, partsOf, useAct } from './lab-act.ts'
import { DialsButton } from './lab-dials.tsx'

const text = words.lab
const CORDS = [1, 2]
type Machine = Lab['machines'][number]

/** What a person in the room can put hands on. */
export function LabMachines({ lab }: { lab: Lab }) {
  const { act, error } = useAct()
  return (
    <section className="card" aria-label={text.machines}>
      <h2>{text.machines}</h2>
      <p className="hint">{text.machinesHint}</p>
      {error && <Problem error={error} />}
      <Wide label={text.machines}>
        <table className="lab-machines">
          <thead>
            <tr>
              {[
                text.machine,
                text.power,
                text.runs,
                text.maas,
                text.cords,
                text.cables,
                text.disks,
                text.more,
              ].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lab.machines.map((machine) => (
              <Row key={machine.name} machine={machine} lab={lab} act={act} />
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  )
}

function Row({ machine, lab, act }: { machine: Machine; lab: Lab; act: ReturnType<typeof useAct>['act'] }) {
  const { name } = machine
  const targets = lab.targets.filter(
    ({ path }) => partsOf(path).name === name && partsOf(path).kind !== 'switch',
  )
  const target = `machine/${name}`
  const out = listIn(lab, target, 'absentPsus')
  /** The rest of the list is as it is then, and not as it was when the page was drawn. */
  const list = (which: string, one: unknown, listed: boolean) =>
    void act((now) => {
      const others = listIn(now, target, which).filter((other) => other !== one)
      return { do: 'dial', target, dials: { [which]: listed ? [...others, one] : others } }
    })
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <State state={machine.power} />
      </td>
      <td>{machine.runs}</td>
      <td>{machine.maas ?? words.none}</td>
      <td>
        {CORDS.map((number) => (
          <Switchable
            key={number}
            off={out.includes(number)}
            label={out.includes(number) ? text.cordOut(name, number) : text.cordIn(name, number)}
            onClick={() => list('absentPsus', number, !out.includes(number))}
            shown={out.includes(number) ? `${text.cord(number)} ${text.out}` : text.cord(number)}
          />
        ))}
      </td>
      <td>
        {machine.nics.map((nic) => (
          <Switchable
            key={nic.name}
            off={!nic.linkUp}
            label={nic.linkUp ? text.cableIn(name, nic.name) : text.cableOut(name, nic.name)}
            onClick={() => void act({ do: 'cable', machine: name, nic: nic.name, up: !nic.linkUp })}
            shown={`${nic.name} → ${nic.switch} ${nic.port}${nic.linkUp ? '' : ` ${text.out}`}`}
          />
        ))}
      </td>
      <td>
        {machine.disks.map((disk) => (
          <Switchable
            key={disk.name}
            off={disk.readOnly}
            label={disk.readOnly ? text.diskLies(name, disk.name) : text.diskTrue(name, disk.name)}
            onClick={() => list('readOnlyDisks', disk.name, !disk.readOnly)}
            shown={`${disk.name} ${disk.blank ? text.blank : text.written}${disk.readOnly ? `, ${text.lies}` : ''}`}
          />
        ))}
      </td>
      <td>
        <div className="buttons">
          <Button onClick={() => void act({ do: 'button', machine: name, press: 'power' })}>
            {text.button}
          </Button>
          <Button onClick={() => void act({ do: 'button', machine: name, press: 'reset' })}>
            {text.reset}
          </Button>
          <Button onClick={() => void act({ do: 'restart-bmc', machine: name })}>{text.restartBmc}</Button>
          <DialsButton name={name} targets={targets} />
        </div>
      </td>
    </tr>
  )
}

/** A thing that is in or out: one press takes it to the other. */
function Switchable({
  off,
  shown,
  label,
  onClick,
}: {
  off: boolean
  shown: string
  label: string
  onClick: () => void
}) {
  return (
    <button
      type="button"
      className={off ? 'chip off' : 'chip'}
      title={label}
      aria-label={`${shown}: ${label}`}
      onClick={onClick}
    >
      {shown}
    </button>
  )
}

function listIn(lab: Lab, target: string, dial: string): unknown[] {
  const value = lab.targets
    .find(({ path }) => path === target)
    ?.dials.find(({ name }) => name === dial)?.value
  return Array.isArray(value) ? value : []
}
