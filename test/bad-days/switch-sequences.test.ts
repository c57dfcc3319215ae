import { anySwitches } from '../support/any-switch.ts'
import { switchSequences } from '../support/switch-sequence.ts'

switchSequences(anySwitches, { steps: 8 })
