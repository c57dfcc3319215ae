import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { templatesQuery } from '../api/queries.ts'
import { TextField } from '../parts/field.tsx'
import { words } from '../words.ts'
import { Catalogue, type Columns } from './catalogue.tsx'
import { CataloguePage } from './catalogue-page.tsx'

const text = words.templates

const columns: Columns<Schemas['Template']> = [
  [text.url, ({ url }) => <code>{url}</code>],
  [text.image, ({ image }) => <code>{image}</code>],
  [text.family, ({ osFamily }) => osFamily],
  [text.architecture, ({ architecture }) => architecture],
]

export function TemplatePage() {
  const { name } = useParams({ from: '/templates/$name' })
  return (
    <CataloguePage
      name={name}
      list={['/templates', text.title]}
      query={useQuery(templatesQuery)}
      facts={columns}
      deploy={{ template: name }}
      uses={({ template }) => template === name}
    />
  )
}

export function Templates() {
  const query = useQuery(templatesQuery)
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  return (
    <Catalogue
      title={text.title}
      of="/templates/$name"
      add={text.add}
      query={query}
      columns={columns}
      form={
        <>
          <TextField label={words.catalogue.name} value={name} onChange={setName} required />
          <TextField label={text.url} hint={text.urlHint} value={url} onChange={setUrl} required />
        </>
      }
      create={() =>
        body(client.POST('/api/v1/templates', { params: { header: once() }, body: { name, url } }))
      }
      created={() => {
        setName('')
        setUrl('')
      }}
      remove={({ id }) => body(client.DELETE('/api/v1/templates/{key}', { params: { path: { key: id } } }))}
      removeWhat={text.removeWhat}
    />
  )
}
