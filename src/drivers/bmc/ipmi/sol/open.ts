import { FerruleError } from '../../../../domain/errors.ts'
import { completion } from '../completion-codes.ts'
import { privilege } from '../rakp.ts'
import { activate } from './activate.ts'
import { type ConsoleContext, SolConsole } from './console.ts'

/** The console of one BMC that this process has open, if any. */
export class ConsoleDoor {
  #open: SolConsole | undefined

  /** Many BMCs want ADMINISTRATOR for it (IPMI 2.0 §26.3 table 26-5, parameter 2), which is asked for only then. */
  async open(context: ConsoleContext, takeOver: boolean): Promise<SolConsole> {
    try {
      return await this.#openAt(context, takeOver)
    } catch (error) {
      const code = error instanceof FerruleError ? error.details.completionCode : undefined
      if (code !== completion.insufficientPrivilege) throw error
      return await this.#openAt(
        { ...context, terms: { ...context.terms, needs: privilege.administrator } },
        takeOver,
      )
    }
  }

  async close(): Promise<void> {
    await this.#open?.close()
  }

  #openAt(context: ConsoleContext, takeOver: boolean): Promise<SolConsole> {
    return context.client.run(context.terms, async (channel) => {
      if (this.#open !== undefined) {
        if (!takeOver) throw busyHere(context.address)
        this.#open.finish({ reason: 'taken', detail: 'it was opened once more here' })
      }
      const console = new SolConsole(context, await activate(channel, takeOver))
      this.#open = console
      void console.ended.then(() => {
        if (this.#open === console) this.#open = undefined
      })
      await console.learnOwner(channel)
      return console
    })
  }
}

function busyHere(address: string): FerruleError {
  return new FerruleError(
    'console-busy',
    `The serial console of BMC ${address} is open here already.`,
    'Share that one, close it, or take it over.',
    { address },
  )
}
