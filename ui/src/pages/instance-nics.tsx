import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { networksQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { newMac } from '../parts/new-mac.ts'
import { PlannedDialog } from '../parts/planned-action.tsx'
import { words } from '../words.ts'

type Instance = Schemas['Instance']
const text = words.instance

export function InstanceNics({ instance }: { instance: Instance }) {
  const [attaching, setAttaching] = useState(false)
  const [detaching, setDetaching] = useState<string | null>(null)
  const isUp = instance.state === 'running' || instance.state === 'stopped'
  const whyNot = isUp ? null : text.only('running or stopped', instance.state)
  return (
    <section className="card" aria-label={text.nics}>
      <h2>{text.nics}</h2>
      <ul className="nics">
        {instance.nics.map((nic) => (
          <li key={nic.id}>
            <b>{nic.network}</b> {text.vlan} {nic.vlan}, <code>{nic.mac}</code>{' '}
            {nic.isDefault && <span className="quiet">{text.default}</span>}{' '}
            <Button
              why={nic.isDefault ? text.isDefault : whyNot}
              onClick={() => setDetaching(nic.network ?? nic.networkId)}
            >
              {text.detach}
            </Button>
          </li>
        ))}
      </ul>
      <Button why={whyNot} onClick={() => setAttaching(true)}>
        {text.attach}
      </Button>
      {attaching && <Attach instance={instance} onClose={() => setAttaching(false)} />}
      {detaching !== null && (
        <PlannedDialog
          title={text.detachTitle(detaching, instance.name)}
          what={text.detachWhat}
          button={text.detach}
          planKey={['detach', instance.name, detaching]}
          plan={() =>
            body(
              client.POST('/api/v1/plans/detach', {
                body: { instance: instance.name, network: detaching },
              }),
            )
          }
          act={() =>
            body(
              client.DELETE('/api/v1/instances/{key}/networks/{network}', {
                params: { path: { key: instance.name, network: detaching }, header: once() },
              }),
            )
          }
          onClose={() => setDetaching(null)}
        />
      )}
    </section>
  )
}

function Attach({ instance, onClose }: { instance: Instance; onClose: () => void }) {
  const { data } = useQuery(networksQuery)
  const [network, setNetwork] = useState('')
  const [mac, setMac] = useState(newMac)
  const free = (data ?? []).filter(({ id }) => !instance.nics.some(({ networkId }) => networkId === id))
  const nic = { network, mac }
  return (
    <PlannedDialog
      title={text.attachTitle(instance.name)}
      what={free.length === 0 ? text.allAttached : text.attachWhat}
      button={text.attach}
      kind="primary"
      why={network === '' ? words.deploy.choose : null}
      waiting={network === '' ? words.plan.waiting : null}
      planKey={['attach', instance.name, network, mac]}
      plan={() => body(client.POST('/api/v1/plans/attach', { body: { instance: instance.name, ...nic } }))}
      act={() =>
        body(
          client.POST('/api/v1/instances/{key}/networks', {
            params: { path: { key: instance.name }, header: once() },
            body: nic,
          }),
        )
      }
      onClose={onClose}
    >
      <SelectField
        label={words.deploy.network}
        value={network}
        onChange={setNetwork}
        options={[
          { value: '', text: words.deploy.choose },
          ...free.map(({ name, vlan }) => ({
            value: name,
            text: vlan === null ? name : `${name} (${text.vlan} ${vlan})`,
          })),
        ]}
      />
      <TextField label={text.mac} hint={words.deploy.macHint} value={mac} onChange={setMac} />
    </PlannedDialog>
  )
}
