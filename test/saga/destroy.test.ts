import { sagaMatrix } from '../support/matrix.ts'

sagaMatrix(['destroy@1'], { enlisted: true, diskLayout: 'lvm,root_size=200G' })
