import { STATUS } from './rakp.ts'
import type { SuiteId } from './suites.ts'

/** What a test turns while the BMC runs. Each is read when a packet arrives, so a change holds at once. */
export interface BmcDials {
  /** Dead management board or network: every packet vanishes. */
  unreachable: boolean
  /** Counts down: so many replies are lost on their way. What was asked has been done. */
  dropNextReplies: number
  /** As above, but counts only replies to Chassis Control: the machine was switched and nobody heard so. */
  dropPowerReplies: number
  /** Share of the packets that are lost, in each direction. */
  loss: number
  /** Share of the replies that come twice. */
  duplicate: number
  /** Share of the replies that are overtaken by the next one. */
  reorder: number
  /** Counts down: so many replies of sessions carry a wrong integrity check value. */
  wrongIcv: number
  /** Real milliseconds that a reply takes; the command itself is done at once. */
  delayMs: number
  /** Session slots that others hold: with as many as there are, every login is refused with 0x01. */
  sessionsTaken: number
  /** The BMC holds another password than everybody believes. */
  rejectPassword: boolean
  /** On, off, cycle, reset and soft are accepted; nothing happens. */
  stuckPower: boolean
  /** Real milliseconds between a power order and its effect. */
  powerDelayMs: number
  /** Real milliseconds that a restart of the BMC takes: nobody answers, and all sessions are lost. */
  restartMs: number
  /** Boot parameter 5 is accepted and forgotten. */
  lyingBootFlags: boolean
  /** The serial console is deaf and dumb, as some boards leave it after a reboot of the host: packets are acknowledged, no more. */
  solMute: boolean
  /** Whoever loses the serial console to another session gets no word of it. */
  solSilentTakeover: boolean
  /** The port that Activate Payload tells for the serial console, where it listens as ever; 0: the true one. */
  solPort: number
  /** Cipher suites that are offered and accepted. */
  suites: readonly SuiteId[]
  /** Open Session status for a suite that is not accepted. Real boards answer 0x11, 0x12, 0x0A or even 0x01. */
  suiteRefusal: number
}

export function defaultDials(): BmcDials {
  return {
    unreachable: false,
    dropNextReplies: 0,
    dropPowerReplies: 0,
    loss: 0,
    duplicate: 0,
    reorder: 0,
    wrongIcv: 0,
    delayMs: 0,
    sessionsTaken: 0,
    rejectPassword: false,
    stuckPower: false,
    powerDelayMs: 0,
    restartMs: 2_000,
    lyingBootFlags: false,
    solMute: false,
    solPort: 0,
    solSilentTakeover: false,
    suites: [3, 17],
    suiteRefusal: STATUS.noSuiteMatch,
  }
}
