import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take, takeAll } from '../client.ts'
import {
  type DeployOptions,
  eraseOption,
  reinstallBody,
  toNewInstance,
  withDeployOptions,
} from '../deploy-options.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { finish } from '../finish.ts'
import { parseNic } from '../nic-spec.ts'
import { orDash, printFields, printJson, printList, when } from '../output.ts'
import type { Session } from '../session.ts'
import { printSides } from '../three-sides.ts'

type Instance = Schemas['Instance']
type Erase = 'full' | 'secure' | 'quick'

export function instanceCommands(program: Command): void {
  const instance = program.command('instance').description('servers of users')
  withDeployOptions(instance.command('deploy').argument('<name>'))
    .description('deploy an instance on a host that the planner chooses')
    .option('--expect-plan <fingerprint>', 'of "plan deploy"; refused if the plan is another one by now')
    .action(
      run<DeployOptions & { expectPlan?: string }>(async (session, options, name = '') => {
        const { expectPlan: expectedPlan } = options
        const body = {
          ...toNewInstance(name, options),
          ...(expectedPlan === undefined ? {} : { expectedPlan }),
        }
        const deployed = await take(session.client.POST('/api/v1/instances', { body }))
        return finish(session, deployed.operation, {
          thing: () => getInstance(session, deployed.instance.id),
        })
      }),
    )
  instance
    .command('list')
    .description('all instances')
    .action(
      run(async (session) => {
        const instances = await takeAll((after) =>
          session.client.GET('/api/v1/instances', {
            params: { query: after === undefined ? {} : { after } },
          }),
        )
        printList(session, instances, {
          name: (one) => one.name,
          state: (one) => one.state,
          host: (one) => orDash(one.host),
          tenant: (one) => orDash(one.tenant),
          template: (one) => orDash(one.template),
          offering: (one) => orDash(one.offering),
          networks: (one) => one.nics.map((nic) => `${nic.network ?? nic.networkId}(${nic.vlan})`).join(' '),
        })
        return undefined
      }),
    )
  instance
    .command('show')
    .argument('<instance>')
    .description('one instance, and what CloudStack, Ferrule and the switches have of it')
    .action(
      run(async (session, _options, key = '') => {
        const found = await getInstance(session, key)
        printFields(session, found, fields)
        printSides(session, found.sides)
        return undefined
      }),
    )
  powerCommands(instance)
  instance
    .command('destroy')
    .argument('<instance>')
    .description('destroy an instance and erase its disks')
    .addOption(eraseOption())
    .action(run<{ erase?: Erase }>((session, { erase }, key = '') => destroy(session, key, erase)))
  instance
    .command('reinstall')
    .argument('<instance>')
    .description('erase its disks and install a system anew on the same host')
    .option('--template <template>', 'name or id of another template')
    .addOption(eraseOption('how the old system is erased'))
    .action(
      run<{ template?: string; erase?: Erase }>(async (session, { template, erase }, key = '') =>
        follow(
          session,
          key,
          take(
            session.client.POST('/api/v1/instances/{key}/reinstall', {
              params: { path: { key } },
              body: reinstallBody(template, erase),
            }),
          ),
        ),
      ),
    )
  networkCommands(instance)
}

function powerCommands(instance: Command): void {
  instance
    .command('start')
    .argument('<instance>')
    .description('power on; its ports come back into its VLANs')
    .action(
      run(async (session, _options, key = '') =>
        follow(
          session,
          key,
          take(session.client.POST('/api/v1/instances/{key}/start', { params: { path: { key } } })),
        ),
      ),
    )
  instance
    .command('stop')
    .argument('<instance>')
    .description('power off; its ports leave its VLANs')
    .action(
      run(async (session, _options, key = '') =>
        follow(
          session,
          key,
          take(session.client.POST('/api/v1/instances/{key}/stop', { params: { path: { key } } })),
        ),
      ),
    )
  instance
    .command('reboot')
    .argument('<instance>')
    .description('off and on again')
    .action(
      run(async (session, _options, key = '') =>
        follow(
          session,
          key,
          take(session.client.POST('/api/v1/instances/{key}/reboot', { params: { path: { key } } })),
        ),
      ),
    )
}

function networkCommands(instance: Command): void {
  instance
    .command('attach')
    .argument('<instance>')
    .description('attach a network')
    .requiredOption('--nic <nic>', 'network=NAME[,mac=MAC]')
    .action(
      run<{ nic: string }>(async (session, { nic }, key = '') => {
        const { isDefault: _, ...body } = parseNic(nic)
        return follow(
          session,
          key,
          take(session.client.POST('/api/v1/instances/{key}/networks', { params: { path: { key } }, body })),
        )
      }),
    )
  instance
    .command('detach')
    .argument('<instance>')
    .argument('<network>')
    .description('detach a network; the default one stays')
    .action(
      run(async (session, _options, key = '', network = '') =>
        follow(
          session,
          key,
          take(
            session.client.DELETE('/api/v1/instances/{key}/networks/{network}', {
              params: { path: { key, network } },
            }),
          ),
        ),
      ),
    )
}

async function follow(
  session: Session,
  key: string,
  started: Promise<Schemas['Operation']>,
): Promise<ExitCode> {
  return finish(session, await started, { thing: () => getInstance(session, key) })
}

/** An installation that is cut short is undone, or comes to its end before; either way what there is is destroyed then. */
const endsOfDestroy: Partial<Record<Schemas['Operation']['kind'], readonly string[]>> = {
  deploy: ['cancelled', 'undone', 'succeeded'],
  reinstall: ['cancelled', 'undone', 'succeeded'],
}

async function destroy(session: Session, key: string, erase: Erase | undefined): Promise<ExitCode> {
  const { instance, operation } = await take<Schemas['InstanceGone']>(
    session.client.DELETE('/api/v1/instances/{key}', {
      params: { path: { key }, query: erase === undefined ? {} : { erase } },
    }),
  )
  if (operation === null) {
    if (session.json) printJson(session, { ...instance, operation })
    else session.out(`${instance.name} is ${instance.state}: nothing needed doing\n`)
    return exitCodes.ok
  }
  return finish(session, operation, {
    // by id: the name of a destroyed instance is free for another
    thing: () => getInstance(session, instance.id),
    wanted: endsOfDestroy[operation.kind] ?? ['succeeded'],
  })
}

function getInstance(session: Session, key: string): Promise<Schemas['InstanceWithSides']> {
  return take(session.client.GET('/api/v1/instances/{key}', { params: { path: { key } } }))
}

function fields(instance: Instance): Record<string, string> {
  return {
    name: instance.name,
    id: instance.id,
    'CloudStack id': instance.externalId ?? '',
    state: instance.state,
    tenant: instance.tenant ?? '',
    host: instance.host ?? '',
    template: instance.template ?? instance.templateId,
    offering: instance.offering ?? instance.offeringId,
    hostname: instance.hostname,
    NICs: instance.nics
      .map(
        (nic) =>
          `${nic.mac}  VLAN ${nic.vlan}  ${nic.network ?? nic.networkId}${nic.isDefault ? '  (default)' : ''}`,
      )
      .join('\n'),
    erase: instance.erase ?? '',
    created: when(instance.createdAt),
    'clear since': instance.clearAt === null ? '' : when(instance.clearAt),
    error: instance.error ? `${instance.error.message}\n${instance.error.remedy}` : '',
  }
}
