import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { labQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { Loaded, Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'
import { dialText, isAtRest, type Lab, partsOf, useAct } from './lab-act.ts'
import { DialsButton } from './lab-dials.tsx'
import { LabMachines } from './lab-machines.tsx'

const text = words.lab
const SPEEDS = [1, 10, 60, 120, 300, 1_000]

export function LabPage() {
  const query = useQuery(labQuery)
  return (
    <>
      <h1>{text.title}</h1>
      <p className="intro">{text.intro}</p>
      <Loaded query={query} what={text.title}>
        {(lab) => (
          <>
            <div className="columns">
              <div>
                <Wrong lab={lab} />
                <Devices lab={lab} />
              </div>
              <div>
                <Time lab={lab} />
                <Swap lab={lab} />
                <ForeignEdit lab={lab} />
              </div>
            </div>
            <LabMachines lab={lab} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Wrong({ lab }: { lab: Lab }) {
  const { act, error } = useAct()
  const turned = lab.targets.flatMap(({ path, dials }) =>
    dials
      .filter((dial) => !isAtRest(dial))
      .map(({ name, value }) =>
        text.is(
          `${text.kinds[partsOf(path).kind] ?? ''} ${partsOf(path).name}`,
          name,
          dialText(value, text.always) || words.none,
        ),
      ),
  )
  const pulled = lab.machines.flatMap(({ name, nics }) =>
    nics.filter(({ linkUp }) => !linkUp).map((nic) => text.pulled(name, nic.name)),
  )
  const all = [...turned, ...pulled]
  return (
    <section className="card" aria-label={text.wrong}>
      <h2>{text.wrong}</h2>
      {all.length === 0 ? (
        <p>{text.nothingWrong}</p>
      ) : (
        <ul>
          {all.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      {error && <Problem error={error} />}
      <Button why={turned.length === 0 ? text.calmWhy : null} onClick={() => void act({ do: 'calm' })}>
        {text.calm}
      </Button>
    </section>
  )
}

function Time({ lab: { timeScale } }: { lab: Lab }) {
  const { act, error } = useAct()
  const speeds = [...new Set([...SPEEDS, timeScale])].sort((a, b) => a - b)
  return (
    <section className="card" aria-label={text.time}>
      <h2>{text.time}</h2>
      <p>{text.timeIs(String(timeScale))}</p>
      {error && <Problem error={error} />}
      <SelectField
        label={text.speed}
        hint={text.timeHint}
        value={String(timeScale)}
        onChange={(scale) => void act({ do: 'time', scale: Number(scale) })}
        options={speeds.map((speed) => ({ value: String(speed), text: `×${speed}` }))}
      />
    </section>
  )
}

function Swap({ lab }: { lab: Lab }) {
  const { act, error } = useAct()
  const [one, setOne] = useState('')
  const [other, setOther] = useState('')
  const places = lab.machines.flatMap(({ name, nics }) =>
    nics.map((nic) => ({
      value: `${name} ${nic.name}`,
      text: `${name} ${nic.name} → ${nic.switch} ${nic.port}`,
    })),
  )
  const options = [{ value: '', text: text.choose }, ...places]
  return (
    <section className="card" aria-label={text.swap}>
      <h2>{text.swap}</h2>
      <p className="hint">{text.swapHint}</p>
      <SelectField label={text.swapOne} value={one} onChange={setOne} options={options} />
      <SelectField label={text.swapOther} value={other} onChange={setOther} options={options} />
      {error && <Problem error={error} />}
      <Button
        why={one === '' || other === '' || one === other ? text.swapWhy : null}
        onClick={() => void act({ do: 'swap', one: placeOf(one), other: placeOf(other) })}
      >
        {text.swapDo}
      </Button>
    </section>
  )
}

/** An edit that Ferrule did not make. */
function ForeignEdit({ lab }: { lab: Lab }) {
  const { act, error } = useAct()
  const [at, setAt] = useState('')
  const [vlan, setVlan] = useState('')
  const places = lab.machines.flatMap(({ name, nics }) =>
    nics.map(({ name: nic, switch: address, port }) => ({
      value: `${lab.switches.find((one) => one.address === address)?.name ?? ''} ${port}`,
      text: `${name} ${nic} → ${address} ${port}`,
    })),
  )
  const isVlan = /^\d{1,4}$/.test(vlan) && Number(vlan) >= 1 && Number(vlan) <= 4094
  const [name = '', port = ''] = at.split(' ')
  return (
    <section className="card" aria-label={text.edit}>
      <h2>{text.edit}</h2>
      <p className="hint">{text.editHint}</p>
      <SelectField
        label={text.editPort}
        value={at}
        onChange={setAt}
        options={[{ value: '', text: text.choose }, ...places]}
      />
      <TextField label={text.editVlan} type="number" value={vlan} onChange={setVlan} />
      {error && <Problem error={error} />}
      <Button
        why={at === '' || !isVlan ? text.editWhy : null}
        onClick={() => void act({ do: 'foreign-edit', switch: name, port, vlan: Number(vlan) })}
      >
        {text.editDo}
      </Button>
    </section>
  )
}

function placeOf(place: string): { machine: string; nic: string } {
  const [machine = '', nic = ''] = place.split(' ')
  return { machine, nic }
}

function Devices({ lab }: { lab: Lab }) {
  const { act, error } = useAct()
  const of = (kind: string, name?: string) =>
    lab.targets.filter(
      ({ path }) => partsOf(path).kind === kind && (name === undefined || partsOf(path).name === name),
    )
  return (
    <section className="card" aria-label={text.devices}>
      <h2>{text.devices}</h2>
      {error && <Problem error={error} />}
      <ul className="devices">
        {lab.switches.map(({ name, address }) => (
          <li key={name}>
            <b>{name}</b> <span className="quiet">{address}</span>
            <span className="buttons">
              <DialsButton name={name} targets={of('switch', name)} />
              <Button onClick={() => void act({ do: 'reboot-switch', switch: name })}>{text.reboot}</Button>
            </span>
          </li>
        ))}
        <li>
          <b>MAAS</b>
          <span className="buttons">
            <DialsButton name="MAAS" targets={of('maas')} />
          </span>
        </li>
        <li>
          <b>CloudStack</b>
          <span className="buttons">
            <DialsButton name="CloudStack" targets={of('cloudstack')} />
            <Button onClick={() => void act({ do: 'restart-cloudstack' })}>{text.restart}</Button>
          </span>
        </li>
      </ul>
    </section>
  )
}
