import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { body, client, once } from '../api/client.ts'
import { templatesQuery } from '../api/queries.ts'
import { TextField } from '../parts/field.tsx'
import { words } from '../words.ts'
import { Catalogue } from './catalogue.tsx'

const text = words.templates

export function Templates() {
  const query = useQuery(templatesQuery)
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  return (
    <Catalogue
      title={text.title}
      add={text.add}
      query={query}
      columns={[
        [words.catalogue.name, (template) => template.name],
        [text.url, (template) => <code>{template.url}</code>],
        [text.image, (template) => <code>{template.image}</code>],
        [text.family, (template) => template.osFamily],
        [text.architecture, (template) => template.architecture],
      ]}
      form={
        <>
          <TextField label={words.catalogue.name} value={name} onChange={setName} required />
          <TextField label={text.url} hint={text.urlHint} value={url} onChange={setUrl} required />
        </>
      }
      create={() =>
        body(client.POST('/api/v1/templates', { params: { header: once() }, body: { name, url } }))
      }
      remove={({ id }) => body(client.DELETE('/api/v1/templates/{key}', { params: { path: { key: id } } }))}
      removeWhat={text.removeWhat}
    />
  )
}
