/** An assertion that did not hold: what was expected and what was seen. `about`: kind and name for `ferrule why`. */
export class NotSeen extends Error {
  constructor(what, expected, seen) {
    super(`${what}\n  expected ${JSON.stringify(expected)}\n  seen     ${JSON.stringify(seen)}`)
  }
}

/**
 * The steps of a walk, told as they happen and kept for the report.
 *
 * @param {(line: string) => void} say
 */
export function createReport(say) {
  /** @type {{ name: string, ok: boolean, ms: number, seen: string }[]} */
  const steps = []
  /** What to ask `ferrule why` about, once something has failed. */
  let failedAbout = null
  return {
    steps,
    failedAbout: () => failedAbout,
    heading: (text) => say(`\n${text}`),
    /**
     * @param {string} name
     * @param {() => Promise<string>} work does it, asserts, and returns what was seen
     * @param {[kind: string, key: string]} [about]
     */
    async step(name, work, about) {
      const started = performance.now()
      const note = (ok, seen) => {
        const ms = Math.round(performance.now() - started)
        steps.push({ name, ok, ms, seen })
        say(
          `${ok ? '✓' : '✗'} ${(ms / 1000).toFixed(1).padStart(5)} s  ${name}\n             ${indented(seen)}`,
        )
      }
      try {
        note(true, await work())
      } catch (error) {
        note(false, error.message)
        failedAbout ??= about ?? null
        throw error
      }
    },
  }
}

/** Waits for all of them before it fails with the first failure, so that nothing goes on unseen. */
export async function sideBySide(...work) {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected')
  if (failed) throw failed.reason
}

function indented(text) {
  return text.split('\n').join('\n             ')
}
