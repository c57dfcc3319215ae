import { usage } from './failure.ts'

export interface NicSpec {
  network: string
  mac?: string
  id?: string
  isDefault?: boolean
}

const example = 'Write it like network=blue,mac=02:00:00:00:00:01,default.'

/** network=NAME[,mac=MAC][,id=ID][,default]; the first NIC is the default unless another says so. */
export function parseNic(text: string): NicSpec {
  const nic: NicSpec = { network: '' }
  for (const part of text.split(',').map((one) => one.trim())) {
    const [key, value] = [part.split('=')[0] ?? '', part.split('=').slice(1).join('=')]
    if (part === 'default') nic.isDefault = true
    else if (key === 'network' && value !== '') nic.network = value
    else if (key === 'mac' && value !== '') nic.mac = value
    else if (key === 'id' && value !== '') nic.id = value
    else throw usage(`"${part}" is not a part of a NIC`, example)
  }
  if (nic.network === '') throw usage(`the NIC "${text}" names no network`, example)
  return nic
}
