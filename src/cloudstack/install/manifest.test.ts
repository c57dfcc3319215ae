import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { customActions } from '../custom-actions.ts'
import { manifest } from './manifest.ts'

const options = {
  ...{ name: 'ferrule', folder: '/usr/share/cloudstack-management/extensions', version: '1.2.3' },
  archive: 'https://files.example/ferrule-extension.tar.gz',
}

test('the manifest is an orchestrator that is asked to prepare, with every custom action and its form', () => {
  const { kind, metadata, source, spec } = parse(manifest(options))
  expect([kind, metadata.name, metadata.version]).toEqual(['OrchestratorExtension', 'ferrule', '1.2.3'])
  expect(source).toEqual({ type: 'archive', url: options.archive })
  expect(spec).toMatchObject({
    type: 'Orchestrator',
    compatibility: { cloudstack: { minVersion: '4.23.0' } },
    // the archive has both files at its root
    entrypoint: { path: 'ferrule.sh', targetDir: `${options.folder}/ferrule` },
    orchestrator: { requiresPrepareVm: true },
    enabled: true,
  })
  const forms = (actions: readonly { name: string; parameters: readonly { name: string }[] }[]) =>
    actions.map(({ name, parameters }) => [name, ...parameters.map((parameter) => parameter.name)])
  expect(forms(spec.customActions)).toEqual(forms(customActions))
  expect(forms(customActions).length).toBeGreaterThan(0)
})

test('that of the network orchestrator is an extension of its own, without custom actions', () => {
  const { metadata, spec } = parse(manifest({ ...options, forNetwork: true }))
  expect(metadata.name).not.toBe('ferrule')
  expect(spec).toMatchObject({ type: 'NetworkOrchestrator', customActions: [] })
  expect(spec.entrypoint.targetDir).toBe(`${options.folder}/${metadata.name}`)
  expect(spec.orchestrator).toBeUndefined()
})
