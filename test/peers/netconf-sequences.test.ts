import { switchSequences } from '../support/switch-sequence.ts'
import { startNetconfSequence } from './support/netconf-sequence.ts'

switchSequences(
  [
    ['netconfd with a candidate', () => startNetconfSequence('candidate')],
    ['netconfd without one', () => startNetconfSequence('running')],
  ],
  { steps: 5 },
)
