import type { AnySaga } from '../saga/interpreter.ts'
import { deploy } from './deploy.ts'
import { destroy } from './destroy.ts'
import { enlist } from './enlist.ts'
import { heal } from './heal.ts'
import { attach, detach } from './networks.ts'
import { reboot } from './reboot.ts'
import { reinstall } from './reinstall.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'
import type { Tools } from './tools.ts'

/** Every saga that this version runs. A ref stays here for as long as an operation of it may be running. */
export const sagas: readonly AnySaga<Tools>[] = [
  deploy,
  start,
  stop,
  reboot,
  destroy,
  attach,
  detach,
  enlist,
  reinstall,
  heal,
]
