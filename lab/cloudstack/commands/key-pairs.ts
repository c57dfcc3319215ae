import { createHash } from 'node:crypto'
import { invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { CloudState } from '../state.ts'

export const keyPairCommands: Command[] = [
  {
    name: 'registerSSHKeyPair',
    description: 'Register a public key in a keypair under a certain name',
    params: { name: 'string!', publickey: 'string!' },
    run(cloud, params) {
      const [name, publicKey] = [params.must('name'), params.must('publickey')]
      if (cloud.state.keyPairs.some((one) => one.name === name))
        throw invalid(`A key pair with name '${name}' already exists.`)
      const fingerprint = createHash('md5')
        .update(publicKey.split(' ')[1] ?? '', 'base64')
        .digest('hex')
      const pair = { id: cloud.newId(), name, publicKey, fingerprint: fingerprint.replace(/..(?=.)/g, '$&:') }
      cloud.state.keyPairs.push(pair)
      cloud.touch()
      return { keypair: pairView(pair) }
    },
  },
  {
    name: 'listSSHKeyPairs',
    description: 'List registered keypairs',
    params: { ...LIST_PARAMS, fingerprint: 'string' },
    run: ({ state }, params) => listed('sshkeypair', chosen(state.keyPairs, params).map(pairView), params),
  },
]

function pairView({ id, name, fingerprint }: CloudState['keyPairs'][number]): Record<string, unknown> {
  return { id, name, fingerprint }
}
