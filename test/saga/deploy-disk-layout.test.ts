import { sagaMatrix } from '../support/matrix.ts'

// on every lane, large and small, and with the erase that each case ends with: what is given is taken back
sagaMatrix(['deploy@1'], { enlisted: true, diskLayout: 'lvm,root_size=200G' })
