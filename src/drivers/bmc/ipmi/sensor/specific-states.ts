/**
 * Sensor-specific offsets (event/reading type 6Fh) of each sensor type (IPMI 2.0 §42.2 table 42-3). A text that begins
 * with ! is a warning, with !! critical; the rest is information. Empty: reserved.
 */
export const specificStates: Readonly<Record<number, readonly string[]>> = {
  // physical security
  5: [
    '! chassis intrusion',
    '! drive bay intrusion',
    '! I/O card area intrusion',
    '! processor area intrusion',
    '! LAN leash lost',
    '! unauthorised dock',
    '! fan area intrusion',
  ],
  // platform security violation attempt
  6: [
    '! secure mode violation attempt',
    '! wrong pre-boot user password',
    '! wrong pre-boot setup password',
    '! wrong pre-boot network boot password',
    '! another wrong pre-boot password',
    '! wrong out-of-band access password',
  ],
  // processor
  7: [
    '!! internal error (IERR)',
    '!! thermal trip',
    '!! built-in self-test failure (FRB1)',
    '!! hang in POST (FRB2)',
    '!! startup or initialisation failure (FRB3)',
    '!! configuration error',
    '!! uncorrectable CPU-complex error',
    'presence detected',
    '! disabled',
    'terminator presence detected',
    '! automatically throttled',
    '!! machine check exception',
    '! correctable machine check error',
  ],
  // power supply
  8: [
    'presence detected',
    '!! failure detected',
    '! predictive failure',
    '!! input lost',
    '!! input lost or out of range',
    '! input out of range, but present',
    '!! configuration error',
    'inactive (standby)',
  ],
  // power unit
  9: [
    'power off',
    'power cycle',
    '!! 240 VA power down',
    '! interlock power down',
    '!! input lost',
    '!! soft power control failure',
    '!! failure detected',
    '! predictive failure',
  ],
  // memory
  12: [
    '! correctable ECC error',
    '!! uncorrectable ECC error',
    '!! parity error',
    '!! memory scrub failed',
    '! memory device disabled',
    '! logging limit of correctable ECC errors reached',
    'presence detected',
    '!! configuration error',
    'spare',
    '! automatically throttled',
    '!! critical over-temperature',
  ],
  // drive slot
  13: [
    'drive present',
    '!! drive fault',
    '! predictive failure',
    'hot spare',
    'consistency check in progress',
    '!! in critical array',
    '!! in failed array',
    '! rebuild in progress',
    '!! rebuild aborted',
  ],
  // system firmware progress
  15: ['!! firmware error', '!! firmware hang', 'firmware progress'],
  // event logging disabled
  16: [
    '! logging of correctable memory errors disabled',
    '! logging of an event type disabled',
    'log cleared',
    '! all event logging disabled',
    '! log full',
    '! log almost full',
    '! logging of correctable machine check errors disabled',
  ],
  // watchdog 1
  17: [
    '!! BIOS watchdog reset',
    '!! OS watchdog reset',
    '!! OS watchdog shutdown',
    '!! OS watchdog power down',
    '!! OS watchdog power cycle',
    '! OS watchdog NMI',
    '! OS watchdog expired',
    '! OS watchdog pre-timeout interrupt',
  ],
  // system event
  18: [
    'system reconfigured',
    'OEM system boot event',
    '!! undetermined system hardware failure',
    'entry added to the auxiliary log',
    'platform event filter action',
    'clock synchronised',
  ],
  // critical interrupt
  19: [
    '! front panel NMI',
    '!! bus timeout',
    '!! I/O channel check NMI',
    '! software NMI',
    '!! PCI PERR',
    '!! PCI SERR',
    '!! EISA fail-safe timeout',
    '! bus correctable error',
    '!! bus uncorrectable error',
    '!! fatal NMI',
    '!! bus fatal error',
    '! bus degraded',
  ],
  // button, switch
  20: [
    'power button pressed',
    'sleep button pressed',
    'reset button pressed',
    'FRU latch open',
    'FRU service request button pressed',
  ],
  // chip set
  25: ['!! soft power control failure', '!! thermal trip'],
  // cable, interconnect
  27: ['connected', '! wrong cable connected'],
  // system boot initiated
  29: [
    'boot by power up',
    'boot by hard reset',
    'boot by warm reset',
    'PXE boot asked for by a user',
    'automatic boot to diagnostic',
    'hard reset by software',
    'warm reset by software',
    'system restart',
  ],
  // boot error
  30: [
    '! no bootable media',
    '! non-bootable diskette in drive',
    '! PXE server not found',
    '! invalid boot sector',
    '! timeout waiting for the choice of a boot source',
  ],
  // operating system boot and installation
  31: [
    'boot from A: completed',
    'boot from C: completed',
    'PXE boot completed',
    'diagnostic boot completed',
    'CD-ROM boot completed',
    'ROM boot completed',
    'boot completed',
    'OS installation started',
    'OS installation completed',
    '! OS installation aborted',
    '! OS installation failed',
  ],
  // operating system stop
  32: [
    '!! critical stop during OS load',
    '!! run-time critical stop',
    'OS graceful stop',
    'OS graceful shutdown',
    'soft shutdown by platform event filter',
    '! agent not responding',
  ],
  // slot, connector
  33: [
    '!! fault',
    'identify',
    'device installed',
    'ready for installation',
    'ready for removal',
    'slot power off',
    'device removal requested',
    'interlock',
    'slot disabled',
    'slot holds a spare device',
  ],
  // ACPI power state of the system
  34: [
    'S0/G0, working',
    'S1, sleeping',
    'S2, sleeping',
    'S3, sleeping',
    'S4, suspended to disk',
    'S5/G2, soft off',
    'S4/S5, soft off',
    'G3, mechanical off',
    'sleeping in S1, S2 or S3',
    'G1, sleeping',
    'S5 entered by override',
    'legacy on',
    'legacy off',
    '',
    'unknown',
  ],
  // watchdog 2
  35: [
    '! watchdog expired',
    '!! watchdog hard reset',
    '!! watchdog power down',
    '!! watchdog power cycle',
    '',
    '',
    '',
    '',
    '! watchdog interrupt',
  ],
  // platform alert
  36: [
    'platform generated page',
    'platform generated LAN alert',
    'platform event trap generated',
    'SNMP trap generated',
  ],
  // entity presence
  37: ['present', 'absent', 'disabled'],
  // LAN
  39: ['! heartbeat lost', 'heartbeat'],
  // health of the management subsystem
  40: [
    '! sensor access degraded or unavailable',
    '! controller access degraded or unavailable',
    '! management controller off line',
    '!! management controller unavailable',
    '! sensor failure',
    '! FRU failure',
  ],
  // battery
  41: ['! battery low', '!! battery failed', 'battery presence detected'],
  // session audit
  42: [
    'session activated',
    'session deactivated',
    '! wrong user name or password',
    '! user disabled after wrong passwords',
  ],
  // version change
  43: [
    'hardware change detected',
    'firmware or software change detected',
    '! hardware incompatibility detected',
    '! firmware or software incompatibility detected',
    '! invalid or unsupported hardware version',
    '! invalid or unsupported firmware or software version',
    'hardware change successful',
    'firmware or software change successful',
  ],
  // FRU state
  44: [
    'not installed',
    'inactive',
    'activation requested',
    'activation in progress',
    'active',
    'deactivation requested',
    'deactivation in progress',
    '! communication lost',
  ],
}
