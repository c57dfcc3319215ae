import { fileURLToPath } from 'node:url'
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  loadPackageDefinition,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** From src and from dist/src alike: the folder of package.json. */
const root = new URL(
  import.meta.url.includes('/dist/') ? '../../../../../../' : '../../../../../',
  import.meta.url,
)
const protos = fileURLToPath(new URL('assets/gnmi/', root))

let service: ServiceDefinition | null = null

/** gNMI as its own definition has it; read at the first use, because most daemons have no such switch. */
export function gnmiService(): ServiceDefinition {
  if (service) return service
  const definition = loadSync('github.com/openconfig/gnmi/proto/gnmi/gnmi.proto', {
    includeDirs: [protos],
    keepCase: true,
    enums: String,
    longs: String,
    defaults: true,
  })
  // the types of the library do not know what is in the file
  const loaded = loadPackageDefinition(definition) as { gnmi?: { gNMI?: { service?: ServiceDefinition } } }
  const found = loaded.gnmi?.gNMI?.service
  if (!found) throw new Error('gnmi.proto has no service gNMI')
  service = found
  return service
}

export function gnmiChannel(
  place: string,
  credentials: ChannelCredentials,
  options: ChannelOptions = {},
): Client {
  return new Client(place, credentials, {
    // One try a call: what came of a lost answer is read, and not sent again.
    'grpc.enable_retries': 0,
    // A channel of our own, so that another switch's or an older one's state is not shared.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': 16 * 1024 * 1024,
    ...options,
  })
}
