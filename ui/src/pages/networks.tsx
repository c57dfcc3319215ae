import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { networksQuery } from '../api/queries.ts'
import { SelectField, TextField } from '../parts/field.tsx'
import { words } from '../words.ts'
import { Catalogue, type Columns } from './catalogue.tsx'
import { CataloguePage } from './catalogue-page.tsx'

const text = words.networks
const kinds = ['isolated', 'shared', 'l2'] as const

const columns: Columns<Schemas['Network']> = [
  [text.kind, ({ kind }) => kind],
  [text.vlan, ({ vlan }) => vlan ?? text.noVlan],
]

export function NetworkPage() {
  const { name } = useParams({ from: '/networks/$name' })
  return (
    <CataloguePage
      name={name}
      list={['/networks', text.title]}
      query={useQuery(networksQuery)}
      facts={columns}
      deploy={{ network: name }}
      uses={({ nics }) => nics.some(({ network }) => network === name)}
    />
  )
}

export function Networks() {
  const query = useQuery(networksQuery)
  const [name, setName] = useState('')
  const [kind, setKind] = useState('isolated')
  const [vlan, setVlan] = useState('')
  return (
    <Catalogue
      title={text.title}
      of="/networks/$name"
      add={text.add}
      query={query}
      columns={columns}
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
      created={() => {
        setName('')
        setKind('isolated')
        setVlan('')
      }}
      remove={({ id }) => body(client.DELETE('/api/v1/networks/{key}', { params: { path: { key: id } } }))}
      removeWhat={text.removeWhat}
    />
  )
}
