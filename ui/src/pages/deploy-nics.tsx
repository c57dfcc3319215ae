import type { Schemas } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { newMac } from '../parts/new-mac.ts'
import { useFocusFollows } from '../parts/use-focus-follows.ts'
import { words } from '../words.ts'

interface Nic {
  network: string
  mac: string
}

const text = words.deploy

/** The first is the default NIC: its network is untagged. */
export function NicFields({
  nics,
  onChange,
  networks,
}: {
  nics: readonly Nic[]
  onChange: (nics: Nic[]) => void
  networks: readonly Schemas['Network'][]
}) {
  const behind = useFocusFollows(nics.length)
  const change = (at: number, next: Partial<Nic>) =>
    onChange(nics.map((nic, index) => (index === at ? { ...nic, ...next } : nic)))
  return (
    <>
      {nics.map((nic, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a NIC has no name but its place in the order
        <fieldset key={index}>
          <legend>{index === 0 ? text.defaultNetwork : text.furtherNetwork}</legend>
          <SelectField
            label={text.network}
            value={nic.network}
            onChange={(network) => change(index, { network })}
            options={[
              { value: '', text: text.choose },
              ...networks.map(({ name, vlan }) => ({
                value: name,
                text: vlan === null ? name : `${name} (VLAN ${vlan})`,
              })),
            ]}
          />
          <TextField
            label={text.mac}
            hint={text.macHint}
            value={nic.mac}
            onChange={(mac) => change(index, { mac })}
          />
          {index > 0 && (
            <Button onClick={() => onChange(nics.filter((_nic, one) => one !== index))}>
              {text.removeNetwork}
            </Button>
          )}
        </fieldset>
      ))}
      <p className="buttons" ref={behind}>
        <Button onClick={() => onChange([...nics, { network: '', mac: newMac() }])}>{text.addNetwork}</Button>
      </p>
    </>
  )
}
