import type { BootDevice, Machine, Nic } from './types.ts'

/** What the firmware writes to the serial port: the lines by which an operator knows where a machine is. */

export function postScreen(machine: Machine): string[] {
  const { name, manufacturer, model, serial, cpuCount, cpuSpeedMhz, memoryMiB, disks, nics, bmc } = machine
  return [
    `\n${manufacturer} UEFI BIOS 1.10   ${model}`,
    `System ${name}   S/N ${serial}`,
    `CPU: ${cpuCount} cores at ${cpuSpeedMhz} MHz`,
    'Training memory ...',
    `Memory: ${memoryMiB} MB, ECC, no errors`,
    `BMC 1.10   IP address ${bmc.address}`,
    ...disks.map(
      (disk, port) => `SATA port ${port}: ${disk.model}   S/N ${disk.serial}   ${gigabytes(disk.size)}`,
    ),
    ...nics.map((nic) => `${nic.name}: MAC ${nic.mac}   ${nic.linkUp ? 'cable' : 'no cable'}`),
    'Press <DEL> or <F2> to enter Setup, <F12> for network boot',
  ]
}

export const POST_HANG: string[] = [
  '',
  'POST code A2: IDE/SATA detect',
  'System halted. Waiting for storage devices ...',
]

export function bootOverride(device: BootDevice, persistent: boolean): string {
  return `Boot override by BMC: ${device}, ${persistent ? 'every boot' : 'next boot only'}`
}

export const SETUP_SCREEN: string[] = [
  '',
  'Entering Setup ...',
  'Aptio Setup Utility - Lab Systems',
  'Main  Advanced  Boot  Security  Save & Exit',
]

export function pxeStart(nic: Nic): string {
  return `>>Start PXE over IPv4 on ${nic.name}, MAC ${nic.mac.toUpperCase().replaceAll(':', '-')}`
}

export function pxeFailed(hasLink: boolean): string {
  return hasLink ? '  PXE-E16: No valid offer received.' : '  PXE-E51: No link. Check the cable.'
}

export const PXE_OFFERED: string[] = [
  '  DHCP offer received',
  '  NBP filename is bootx64.efi',
  '  NBP file downloaded successfully.',
]

export const PXE_LOCAL: string[] = [...PXE_OFFERED, 'Booting local disk...']

export const NOTHING_TO_BOOT: string[] = [
  '',
  'Reboot and Select proper Boot device',
  'or Insert Boot Media in selected Boot device and press a key',
]

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
