import type { Saga } from '../saga/types.ts'
import { claimByCreate } from './claim.ts'
import { checkBeforeDeploy } from './deploy-checks.ts'
import { chooseAndHold, handOverToDestroy, settleDeploy } from './deploy-host.ts'
import { bootFromDisk, restHost, switchOff, switchOn } from './host-steps.ts'
import {
  abortDeployment,
  allocate,
  markDisksDirty,
  planNics,
  releaseAsCommissioned,
  startDeployment,
  undoNicsIfClean,
} from './install.ts'
import type { DeployInput, DeployState } from './install-state.ts'
import { waitForDeployed, waitForHandOver } from './install-system.ts'
import { confirmRunning, connectTenant, disconnectTenant } from './tenant-networks.ts'
import type { Tools } from './tools.ts'

/** A19: from an offering to a running server, with CloudStack's MAC, on its tenant's VLANs. */
export const deploy: Saga<Tools, DeployInput, DeployState> = {
  ref: 'deploy@1',
  steps: [
    // one owner for everything later: only here are hold, tenancy and dirty mark settled
    { name: 'choose-host', title: 'Choose a host and hold it', do: chooseAndHold, undo: handOverToDestroy },
    {
      name: 'check',
      title: 'Check everything before the first effect',
      do: checkBeforeDeploy,
      undo: { none: 'it only reads' },
    },
    // the layout first: MAAS changes it in Ready only
    {
      name: 'allocate',
      title: "The offering's disk layout, if it has one, and the machine allocated in MAAS",
      do: allocate,
      undo: releaseAsCommissioned,
    },
    // MAAS must be able to boot it, and nobody else's VLAN may be left on its ports
    {
      name: 'rest',
      title: 'Ports on the PXE VLAN, boot device network, off',
      do: restHost,
      undo: { none: 'this is the state that every undo aims at' },
    },
    // editable only in Ready and Allocated; a changed physical MAC would hang deploy and erase
    { name: 'nic-plan', title: "Bond with CloudStack's MAC in MAAS", do: planNics, undo: undoNicsIfClean },
    {
      name: 'mark-dirty',
      title: 'Mark the disks as dirty',
      do: markDisksDirty,
      undo: { none: 'only evidence of an erase clears the mark' },
    },
    { name: 'deploy', title: 'Start the deployment in MAAS', do: startDeployment, undo: abortDeployment },
    {
      name: 'wait-deployed',
      title: 'Wait until MAAS says Deployed',
      do: waitForDeployed,
      undo: { none: 'it only waits' },
    },
    // Deployed only means that user-data was asked for: cutting the first boot short corrupts disks
    {
      name: 'wait-hand-over',
      title: 'Wait until the server switches itself off',
      do: waitForHandOver,
      undo: { none: 'it only waits' },
    },
    // CloudStack may have given up, or given the VLAN to somebody else, while MAAS installed
    {
      name: 'claim',
      title: 'Wait for CloudStack to claim the server',
      do: claimByCreate,
      undo: { none: 'it only reads' },
    },
    // off, so that no frame of this host is in flight while its VLANs change
    { name: 'ports', title: 'Ports on the tenant VLANs', do: connectTenant, undo: disconnectTenant },
    {
      name: 'boot-disk',
      title: 'Boot device disk',
      do: bootFromDisk,
      undo: { none: 'destroy sets network before the PXE VLAN is back' },
    },
    { name: 'power-on', title: 'Power on', do: switchOn, undo: switchOff },
    {
      name: 'confirm',
      title: 'Confirm that it runs on its network',
      do: confirmRunning,
      undo: { none: 'it only reads' },
    },
  ],
  settle: settleDeploy,
}
