import { switchSequences } from '../support/switch-sequence.ts'
import { startOvsSequence } from './support/ovs-sequence.ts'

switchSequences([['Open vSwitch', startOvsSequence]], { steps: 6 })
