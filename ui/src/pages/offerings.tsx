import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { offeringsQuery, overviewQuery } from '../api/queries.ts'
import { SelectField, TextField } from '../parts/field.tsx'
import { words } from '../words.ts'
import { tagsOf } from './add-host.tsx'
import { Catalogue, type Columns } from './catalogue.tsx'
import { CataloguePage } from './catalogue-page.tsx'
import { gib } from './hosts-columns.tsx'

const text = words.offerings
const empty = {
  name: '',
  cpus: '',
  memory: '',
  speed: '',
  tags: '',
  match: '',
  erase: '',
  bond: '',
  layout: '',
}
type Form = typeof empty

function useOfferingColumns(): Columns<Schemas['Offering']> {
  const { data } = useQuery(overviewQuery)
  const freeOf = (name: string) => {
    const found = data?.capacity.find(({ offering }) => offering === name)
    return found ? words.attention.free(found.free, found.fitting) : ''
  }
  return [
    [text.free, ({ name }) => freeOf(name)],
    [text.cpus, ({ cpuCount }) => cpuCount],
    [words.hosts.memory, ({ memoryMib }) => gib(memoryMib)],
    [text.match, ({ match }) => text.matches[match]],
    [text.hostTags, ({ hostTags }) => hostTags.join(', ') || words.none],
    [text.erase, ({ erase }) => text.erases[erase ?? '']],
    [text.bond, ({ bondMode }) => bondMode],
    [text.layout, ({ diskLayout }) => diskLayout ?? text.asCommissioned],
  ]
}

export function OfferingPage() {
  const { name } = useParams({ from: '/offerings/$name' })
  return (
    <CataloguePage
      name={name}
      list={['/offerings', text.title]}
      query={useQuery(offeringsQuery)}
      facts={useOfferingColumns()}
      deploy={{ offering: name }}
      uses={({ offering }) => offering === name}
    />
  )
}

export function Offerings() {
  const query = useQuery(offeringsQuery)
  const columns = useOfferingColumns()
  const [form, setForm] = useState(empty)
  const set = (field: keyof Form) => (value: string) => setForm({ ...form, [field]: value })
  return (
    <Catalogue
      title={text.title}
      of="/offerings/$name"
      add={text.add}
      query={query}
      columns={columns}
      form={
        <>
          <TextField label={words.catalogue.name} value={form.name} onChange={set('name')} required />
          <TextField label={text.cpus} type="number" value={form.cpus} onChange={set('cpus')} required />
          <TextField
            label={text.memory}
            type="number"
            value={form.memory}
            onChange={set('memory')}
            required
          />
          <TextField
            label={text.speed}
            hint={text.speedHint}
            type="number"
            value={form.speed}
            onChange={set('speed')}
          />
          <TextField label={text.tags} value={form.tags} onChange={set('tags')} />
          <SelectField
            label={text.match}
            value={form.match}
            onChange={set('match')}
            options={options(text.matches)}
          />
          <SelectField
            label={text.erase}
            value={form.erase}
            onChange={set('erase')}
            options={options(text.erases)}
          />
          <SelectField
            label={text.bond}
            value={form.bond}
            onChange={set('bond')}
            options={options(text.bonds)}
          />
          <TextField
            label={text.layout}
            hint={text.layoutHint}
            value={form.layout}
            onChange={set('layout')}
          />
        </>
      }
      create={() =>
        body(client.POST('/api/v1/offerings', { params: { header: once() }, body: requestOf(form) }))
      }
      created={() => setForm(empty)}
      remove={({ id }) => body(client.DELETE('/api/v1/offerings/{key}', { params: { path: { key: id } } }))}
      removeWhat={text.removeWhat}
    />
  )
}

function options(of: Readonly<Record<string, string>>) {
  return Object.entries(of).map(([value, name]) => ({ value, text: name }))
}

const bondModes = ['active-backup', '802.3ad', 'balance-tlb', 'balance-alb'] as const

function requestOf(form: Form): Schemas['NewOfferingInput'] {
  const match = (['equal', 'atLeast'] as const).find((one) => one === form.match)
  const erase = (['full', 'secure', 'quick'] as const).find((one) => one === form.erase)
  const bondMode = bondModes.find((one) => one === form.bond)
  return {
    name: form.name,
    cpuCount: Number(form.cpus),
    memoryMib: Math.round(Number(form.memory) * 1024),
    hostTags: tagsOf(form.tags),
    ...(form.speed === '' ? {} : { cpuSpeedMhz: Number(form.speed) }),
    ...(match === undefined ? {} : { match }),
    ...(erase === undefined ? {} : { erase }),
    ...(bondMode === undefined ? {} : { bondMode }),
    ...(form.layout === '' ? {} : { diskLayout: form.layout }),
  }
}
