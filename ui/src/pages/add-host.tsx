import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { searchQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { Refusal } from '../parts/problem.tsx'
import { useFocusFollows } from '../parts/use-focus-follows.ts'
import { words } from '../words.ts'
import { readAddHostSearch } from './deeds.ts'

const text = words.addHost
const empty = {
  name: '',
  address: '',
  username: '',
  password: '',
  protocol: 'auto',
  fingerprint: '',
  bootMac: '',
  switch: '',
  port: '',
  unit: '',
  cpus: '',
  speed: '',
  memory: '',
  tags: '',
  systemId: '',
}
type Form = typeof empty
type Cable = NonNullable<Schemas['NewHostInput']['cables']>[number]
const protocols = ['auto', 'ipmi', 'redfish', 'maas', 'manual'] as const

export function AddHost() {
  const navigate = useNavigate()
  const { mac = '' } = readAddHostSearch(useSearch({ strict: false }))
  const [form, setForm] = useState({ ...empty, bootMac: mac })
  const [cables, setCables] = useState<Cable[]>([])
  const [error, setError] = useState<Error | null>(null)
  const set = (field: keyof Form) => (value: string) => setForm({ ...form, [field]: value })
  async function submit() {
    try {
      const { operation } = await body(
        client.POST('/api/v1/hosts', { body: requestOf(form, cables), params: { header: once() } }),
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
      <p className="intro">{text.needed}</p>
      <form
        className="card form"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField label={text.name} value={form.name} onChange={set('name')} required />
        <h2>{text.bmc}</h2>
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
        <h2>{text.nics}</h2>
        <TextField label={text.mac} value={form.bootMac} onChange={set('bootMac')} required />
        <Wiring form={form} set={set} />
        <OtherNics cables={cables} onChange={setCables} />
        <h2>{text.size}</h2>
        <TextField label={text.cpus} type="number" value={form.cpus} onChange={set('cpus')} required />
        <TextField label={text.speed} type="number" value={form.speed} onChange={set('speed')} />
        <TextField label={text.memory} type="number" value={form.memory} onChange={set('memory')} required />
        <TextField label={text.tags} value={form.tags} onChange={set('tags')} />
        <h2>{text.inMaas}</h2>
        <TextField
          label={text.systemId}
          hint={text.systemIdHint}
          value={form.systemId}
          onChange={set('systemId')}
        />
        {error && <Refusal error={error} />}
        <Button submit kind="primary">
          {text.submit}
        </Button>
      </form>
    </>
  )
}

/** Where its NIC is plugged in: a rack file says it, or this form does. */
function Wiring({ form, set }: { form: Form; set: (field: keyof Form) => (value: string) => void }) {
  const mac = form.bootMac.trim().toLowerCase()
  const known = useQuery({ ...searchQuery(mac), enabled: isWholeMac.test(mac) })
  const wired = known.data?.items.find(({ kind, detail }) => kind === 'port' && detail === mac)
  if (wired) return <p className="hint">{text.wired(wired.name)}</p>
  return (
    <>
      <TextField label={text.switch} hint={text.switchHint} value={form.switch} onChange={set('switch')} />
      <TextField label={text.port} value={form.port} onChange={set('port')} />
      <TextField label={text.unit} type="number" value={form.unit} onChange={set('unit')} />
    </>
  )
}

/** A server with several wired NICs has them in one bond. */
function OtherNics({ cables, onChange }: { cables: Cable[]; onChange: (cables: Cable[]) => void }) {
  const behind = useFocusFollows(cables.length)
  const change = (at: number, next: Partial<Cable>) =>
    onChange(cables.map((cable, index) => (index === at ? { ...cable, ...next } : cable)))
  return (
    <>
      {cables.map((cable, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: it has no name before its MAC is typed
        <fieldset key={index}>
          <legend>{text.otherNic(index + 2)}</legend>
          <TextField
            label={text.otherMac}
            value={cable.mac}
            onChange={(mac) => change(index, { mac })}
            required
          />
          <TextField
            label={text.otherSwitch}
            value={cable.switch}
            onChange={(address) => change(index, { switch: address })}
            required
          />
          <TextField
            label={text.otherPort}
            value={cable.port}
            onChange={(port) => change(index, { port })}
            required
          />
          <Button onClick={() => onChange(cables.filter((_cable, one) => one !== index))}>
            {text.removeNic}
          </Button>
        </fieldset>
      ))}
      <p className="buttons" ref={behind}>
        <Button onClick={() => onChange([...cables, { mac: '', switch: '', port: '' }])}>
          {text.addNic}
        </Button>
        <span className="hint">{text.addNicHint}</span>
      </p>
    </>
  )
}

const isWholeMac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/

function wireOf({ switch: address, port, unit }: Form) {
  return { switch: address, port, ...(unit === '' ? {} : { unit: Number(unit) }) }
}

/** What is empty is not sent: the API knows what to do without. */
function requestOf(form: Form, cables: Cable[]): Schemas['NewHostInput'] {
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
    ...(form.switch === '' && form.port === '' ? {} : { port: wireOf(form) }),
    ...(cables.length === 0 ? {} : { cables }),
    cpuCount: Number(form.cpus),
    cpuSpeedMhz: Number(form.speed),
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
