import { FerruleError } from '../../domain/errors.ts'

/**
 * Thrown by the apply of a device that can compare and write in one: the ports are not any more what the plan was made
 * from, and nothing was written. The engine reads and plans again; there is nothing to put back.
 */
export class PortsMoved extends FerruleError {
  constructor(address: string, ports: readonly string[]) {
    super(
      'switch-mismatch',
      `Port ${ports.join(', ')} of switch ${address} was changed by somebody else between Ferrule's read and its write; nothing was written`,
      'Find who else writes this port; repeat the operation when it rests.',
      { address, ports },
    )
  }
}
