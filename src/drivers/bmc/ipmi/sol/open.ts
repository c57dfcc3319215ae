import { FerruleError } from '../../../../domain/errors.ts'
import { completion } from '../completion-codes.ts'
import { privilege } from '../rakp.ts'
import { activate } from './activate.ts'
import { type ConsoleContext, SolConsole } from './console.ts'

/** The console of one BMC that this process has open, if any. */
export class ConsoleDoor {
  #open: SolConsole | undefined
  /** Session of one that was lost, as the BMC names it, for as long as the BMC may keep it. */
  #former: number | undefined
  #forget: () => void = () => undefined

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
    this.#forget()
    await this.#open?.close()
  }

  /** Not for long: some BMCs give the same few numbers again and again. */
  #remember(session: number, { settings }: ConsoleContext): void {
    this.#former = session
    const cancel = settings.clock.after(settings.sessionsFullMs, () => this.#forget())
    this.#forget = () => {
      cancel()
      this.#former = undefined
    }
  }

  #openAt(context: ConsoleContext, takeOver: boolean): Promise<SolConsole> {
    return context.client.run(context.terms, async (channel) => {
      if (this.#open !== undefined) {
        if (!takeOver) throw busyHere(context.address)
        this.#open.finish({ reason: 'taken', detail: 'it was opened once more here' })
      }
      const activated = await activate(channel, takeOver, this.#former)
      const console = new SolConsole(context, activated)
      this.#open = console
      this.#forget()
      void console.ended.then(({ reason }) => {
        if (this.#open !== console) return
        this.#open = undefined
        if (reason === 'lost') this.#remember(activated.session.id, context)
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
