import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { networksQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { newMac } from '../parts/new-mac.ts'
import { Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'

type Instance = Schemas['Instance']
const text = words.instance

export function InstanceNics({ instance }: { instance: Instance }) {
  const navigate = useNavigate()
  const [attaching, setAttaching] = useState(false)
  const [error, setError] = useState<Error | null>(null)
  const isUp = instance.state === 'running' || instance.state === 'stopped'
  const whyNot = isUp ? null : text.only('running or stopped', instance.state)
  const detach = (network: string) =>
    body(
      client.DELETE('/api/v1/instances/{key}/networks/{network}', {
        params: { path: { key: instance.name, network }, header: once() },
      }),
    )
      .then(({ number }) => navigate({ to: '/operations/$key', params: { key: String(number) } }))
      .catch(setError)
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
              onClick={() => void detach(nic.network ?? nic.networkId)}
            >
              {text.detach}
            </Button>
          </li>
        ))}
      </ul>
      {error && <Problem error={error} />}
      <Button why={whyNot} onClick={() => setAttaching(true)}>
        {text.attach}
      </Button>
      {attaching && <Attach instance={instance} onClose={() => setAttaching(false)} />}
    </section>
  )
}

function Attach({ instance, onClose }: { instance: Instance; onClose: () => void }) {
  const navigate = useNavigate()
  const { data } = useQuery(networksQuery)
  const [network, setNetwork] = useState('')
  const [mac, setMac] = useState(newMac)
  const [error, setError] = useState<Error | null>(null)
  const free = (data ?? []).filter(({ id }) => !instance.nics.some(({ networkId }) => networkId === id))
  async function attach() {
    try {
      const { number } = await body(
        client.POST('/api/v1/instances/{key}/networks', {
          params: { path: { key: instance.name }, header: once() },
          body: { network, mac },
        }),
      )
      onClose()
      await navigate({ to: '/operations/$key', params: { key: String(number) } })
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
  return (
    <Dialog title={text.attachTitle(instance.name)} onClose={onClose}>
      {free.length === 0 ? (
        <p>{text.allAttached}</p>
      ) : (
        <>
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
          {error && <Problem error={error} />}
          <p className="buttons">
            <Button
              kind="primary"
              why={network === '' ? words.deploy.choose : null}
              onClick={() => void attach()}
            >
              {text.attach}
            </Button>
          </p>
        </>
      )}
    </Dialog>
  )
}
