import type { EphemeralHost } from '../world/types.ts'
import { ENVIRONMENT_BOOT_MS } from './commission.ts'
import { dialled } from './dials.ts'
import { installedFiles } from './install-files.ts'
import type { Image, Node } from './model.ts'
import { assignAddresses, freeAddresses } from './networking.ts'
import { newToken } from './nodes.ts'
import { powerOn } from './power.ts'
import type { Region } from './region.ts'
import { RUNNING } from './render/results.ts'
import { addSet, endResult, pendingResult, startResult } from './script-sets.ts'
import { DEPLOYED, DEPLOYING, FAILED_DEPLOYMENT } from './status.ts'
import { alsoWritten } from './storage.ts'

const INSTALL_MS = 4 * 60_000

/** No free address in a subnet with an AUTO link. */
export class NoAddresses extends Error {}

/** Images that exist for the node's architecture. */
export function usableImages(region: Region, node: Node): Image[] {
  const architecture = node.architecture.split('/')[0]
  return region.state.images.filter(
    (image) => image.architecture === architecture && !region.dials.imageMissing.includes(image.name),
  )
}

/** As deploy's distro_series names it: uploaded images stand under `custom/`. */
export function seriesName(image: Image): string {
  return image.kind === 'Uploaded' ? `custom/${image.name}` : image.name
}

/** Accepts ubuntu/jammy, jammy, custom/NAME and a bare NAME of an uploaded image. */
export function findImage(region: Region, node: Node, series: string): Image | undefined {
  return usableImages(region, node).find(
    (image) =>
      seriesName(image) === series || image.name === series || seriesName(image) === `ubuntu/${series}`,
  )
}

/** Puts the node into Deploying and powers it on; throws with the former status put back. */
export async function deploy(
  region: Region,
  node: Node,
  options: { image: Image; userData: string | null; restore: () => void },
): Promise<void> {
  const [osystem = '', series = ''] = seriesName(options.image).split('/')
  node.osystem = osystem
  node.distroSeries = series
  node.hweKernel = osystem === 'ubuntu' ? options.image.subarch : ''
  node.userData = options.userData
  node.token = newToken(region)
  node.netboot = true
  node.errorDescription = ''
  if (!assignAddresses(region, node)) {
    revert(node, options.restore)
    throw new NoAddresses('Unable to allocate static IP due to address exhaustion.')
  }
  // Since 3.5 one limit for the whole deployment, not restarted by progress.
  region.setStatus(node, DEPLOYING, 2 * region.nodeTimeout())
  const set = addSet(region, node, 1, [pendingResult(region, '/tmp/install.log', undefined)])
  node.installationSet = set.id
  region.event(node, 'INFO', 'Deploying')
  try {
    await powerOn(region, node)
  } catch (error) {
    revert(node, options.restore)
    throw error
  }
}

function revert(node: Node, restore: () => void): void {
  freeAddresses(node)
  node.osystem = ''
  node.distroSeries = ''
  node.hweKernel = null
  restore()
}

/** Curtin's environment on the machine. */
export async function runDeploy(region: Region, node: Node, host: EphemeralHost): Promise<void> {
  const { epoch } = node
  const stale = (): boolean => node.epoch !== epoch || !host.reachable()
  const { chance } = region.world
  await host.sleep(chance.jitter(ENVIRONMENT_BOOT_MS, 0.2))
  if (stale() || dialled(region.dials.deployHangs, node.hostname)) return
  const log = region.state.scriptSets.find((set) => set.id === node.installationSet)?.results[0]
  if (log !== undefined) startResult(region, log)

  await host.sleep(chance.jitter(INSTALL_MS, 0.2))
  if (stale()) return
  if (dialled(region.dials.deployFails, node.hostname)) return failDeploy(region, node)
  const image = findImage(region, node, `${node.osystem}/${node.distroSeries}`)
  if (image === undefined) return failDeploy(region, node)
  const { hostname } = node
  try {
    host.install({
      hostname,
      image: image.name,
      files: installedFiles(region, node),
      cloudInit: image.cloudInit,
      alsoOn: alsoWritten(node),
    })
  } catch (error) {
    if (host.signal.aborted) throw error
    return failDeploy(region, node)
  }
  node.netboot = false
  region.event(node, 'DEBUG', 'Rebooting')
  host.reboot()
}

function failDeploy(region: Region, node: Node): void {
  const log = region.state.scriptSets.find((set) => set.id === node.installationSet)?.results[0]
  const text = 'curtin: Installation failed with exception: Unexpected error while running command.\n'
  if (log?.status === RUNNING) endResult(region, log, { exit: 1, stdout: text, stderr: '' })
  region.setStatus(node, FAILED_DEPLOYMENT)
  node.errorDescription = 'Installation failed (refer to the installation log for more information).'
  region.event(node, 'ERROR', 'Failed deployment', node.errorDescription)
}

/** The installed system's cloud-init fetched its user-data: this, and nothing else, makes a node Deployed. */
export function deployed(region: Region, node: Node): void {
  const image = findImage(region, node, `${node.osystem}/${node.distroSeries}`)
  if (image !== undefined) image.lastDeployed = new Date(region.now()).toISOString().slice(0, -1)
  region.setStatus(node, DEPLOYED)
  region.event(node, 'DEBUG', 'Booting')
  region.event(
    node,
    'INFO',
    'Image Deployed',
    `deployed ${node.osystem}/${node.distroSeries}/${node.architecture}`,
  )
  region.event(node, 'INFO', 'Deployed')
}
