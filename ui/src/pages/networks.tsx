import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { body, client, once } from '../api/client.ts'
import { networksQuery } from '../api/queries.ts'
import { SelectField, TextField } from '../parts/field.tsx'
import { words } from '../words.ts'
import { Catalogue } from './catalogue.tsx'

const text = words.networks
const kinds = ['isolated', 'shared', 'l2'] as const

export function Networks() {
  const query = useQuery(networksQuery)
  const [name, setName] = useState('')
  const [kind, setKind] = useState('isolated')
  const [vlan, setVlan] = useState('')
  return (
    <Catalogue
      title={text.title}
      add={text.add}
      query={query}
      columns={[
        [words.catalogue.name, (network) => network.name],
        [text.kind, (network) => network.kind],
        [text.vlan, (network) => network.vlan ?? text.noVlan],
      ]}
      form={
        <>
          <TextField label={words.catalogue.name} value={name} onChange={setName} required />
          <SelectField
            label={text.kind}
            value={kind}
            onChange={setKind}
            options={kinds.map((value) => ({ value, text: value }))}
          />
          <TextField label={text.vlan} hint={text.vlanHint} type="number" value={vlan} onChange={setVlan} />
        </>
      }
      create={() =>
        body(
          client.POST('/api/v1/networks', {
            params: { header: once() },
            body: {
              name,
              kind: kinds.find((one) => one === kind) ?? 'isolated',
              vlan: vlan === '' ? null : Number(vlan),
            },
          }),
        )
      }
      remove={({ id }) => body(client.DELETE('/api/v1/networks/{key}', { params: { path: { key: id } } }))}
      removeWhat={text.removeWhat}
    />
  )
}
