import { confirmByPerson, setHostBmc, trustBmc } from '../../services/host-bmc.ts'
import type { Api, ApiContext } from '../context.ts'
import { keyParam } from '../schemas/common.ts'
import { bmcChange, confirmBootDeviceBody, confirmPowerBody, host, trustBody } from '../schemas/hosts.ts'
import { problems } from '../schemas/problem.ts'

/** How a host's BMC is reached, and a person's word where it cannot be. */
export function hostBmcRoutes(api: Api, { services }: ApiContext): void {
  const tags = ['hosts']
  const response = { 200: host, ...problems() }
  api.patch(
    '/hosts/:key/bmc',
    {
      schema: {
        operationId: 'setHostBmc',
        tags,
        summary: "Change how a host's BMC is reached; what is absent stays",
        params: keyParam,
        body: bmcChange,
        response,
      },
    },
    async (request) => setHostBmc(services, request.caller, request.params.key, request.body),
  )
  api.post(
    '/hosts/:key/trust',
    {
      schema: {
        operationId: 'trustHostBmc',
        tags,
        summary: "Trust the certificate of a host's BMC, and no other",
        params: keyParam,
        body: trustBody,
        response,
      },
    },
    async (request) => trustBmc(services, request.caller, request.params.key, request.body.fingerprint),
  )
  api.post(
    '/hosts/:key/confirm-power',
    {
      schema: {
        operationId: 'confirmHostPower',
        tags,
        summary: "A person's word: this host is on, or off (protocol manual)",
        params: keyParam,
        body: confirmPowerBody,
        response,
      },
    },
    async (request) =>
      confirmByPerson(services, request.caller, request.params.key, {
        topic: 'power',
        says: request.body.power,
      }),
  )
  api.post(
    '/hosts/:key/confirm-boot-device',
    {
      schema: {
        operationId: 'confirmHostBootDevice',
        tags,
        summary:
          "A person's word: this host boots from the network, or from its disk (protocols manual and maas)",
        params: keyParam,
        body: confirmBootDeviceBody,
        response,
      },
    },
    async (request) =>
      confirmByPerson(services, request.caller, request.params.key, {
        topic: 'boot-device',
        says: request.body.bootDevice,
      }),
  )
}
