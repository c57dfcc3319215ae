import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'

const text = words.addHost
const empty = {
  name: '',
  address: '',
  username: '',
  password: '',
  protocol: 'auto',
  fingerprint: '',
  bootMac: '',
  cpus: '',
  memory: '',
  tags: '',
  systemId: '',
}
type Form = typeof empty
const protocols = ['auto', 'ipmi', 'redfish', 'maas', 'manual'] as const

export function AddHost() {
  const navigate = useNavigate()
  const [form, setForm] = useState(empty)
  const [error, setError] = useState<Error | null>(null)
  const set = (field: keyof Form) => (value: string) => setForm({ ...form, [field]: value })
  async function submit() {
    try {
      const { operation } = await body(
        client.POST('/api/v1/hosts', { body: requestOf(form), params: { header: once() } }),
      )
      await navigate({ to: '/operations/$key', params: { key: String(operation.number) } })
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
  return (
    <>
      <h1>{text.title}</h1>
      <p className="intro">{text.what}</p>
      <form
        className="card form"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField label={text.name} value={form.name} onChange={set('name')} required />
        <TextField
          label={text.address}
          hint={text.addressHint}
          value={form.address}
          onChange={set('address')}
        />
        <TextField label={text.user} value={form.username} onChange={set('username')} />
        <TextField label={text.password} type="password" value={form.password} onChange={set('password')} />
        <SelectField
          label={text.protocol}
          value={form.protocol}
          onChange={set('protocol')}
          options={protocols.map((value) => ({ value, text: value }))}
        />
        <TextField
          label={text.fingerprint}
          hint={text.fingerprintHint}
          value={form.fingerprint}
          onChange={set('fingerprint')}
        />
        <TextField label={text.mac} value={form.bootMac} onChange={set('bootMac')} required />
        <TextField label={text.cpus} type="number" value={form.cpus} onChange={set('cpus')} required />
        <TextField label={text.memory} type="number" value={form.memory} onChange={set('memory')} required />
        <TextField label={text.tags} value={form.tags} onChange={set('tags')} />
        <TextField
          label={text.systemId}
          hint={text.systemIdHint}
          value={form.systemId}
          onChange={set('systemId')}
        />
        {error && <Problem error={error} />}
        <Button submit kind="primary">
          {text.submit}
        </Button>
      </form>
    </>
  )
}

/** What is empty is not sent: the API knows what to do without. */
function requestOf(form: Form): Schemas['NewHostInput'] {
  const protocol = protocols.find((one) => one === form.protocol) ?? 'auto'
  return {
    name: form.name,
    bmc: {
      protocol,
      ...(form.address === '' ? {} : { address: form.address }),
      ...(form.username === '' ? {} : { username: form.username }),
      ...(form.password === '' ? {} : { password: form.password }),
      ...(form.fingerprint === '' ? {} : { fingerprint: form.fingerprint }),
    },
    bootMac: form.bootMac,
    cpuCount: Number(form.cpus),
    cpuSpeedMhz: 0,
    memoryMib: Math.round(Number(form.memory) * 1024),
    tags: tagsOf(form.tags),
    ...(form.systemId === '' ? {} : { systemId: form.systemId }),
  }
}

export function tagsOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((tag) => tag.trim())
    .filter(Boolean)
}
