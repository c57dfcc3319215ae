import type { Answer } from './ask.ts'
import type { RedfishClient } from './client.ts'
import { messagesOf } from './messages.ts'
import { wait } from './options.ts'
import type { VendorTraits } from './vendors.ts'

/**
 * Repeats what was refused because the machine is not ready for it (in its self test, or just switched), as often as
 * the vendor's table says. A refusal has changed nothing, so that this is right for any action.
 */
export async function patient(
  client: RedfishClient,
  traits: VendorTraits,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const used = new Map<string, number>()
  for (;;) {
    const answer = await ask()
    if (answer.status < 400) return answer
    const rule = traits.notReady.find((one) =>
      messagesOf(answer.json).some(
        (said) => said.id.includes(one.message) || said.text.includes(one.message),
      ),
    )
    const tries = used.get(rule?.message ?? '') ?? 0
    const pause = rule?.waits[tries]
    if (rule === undefined || pause === undefined) return answer
    used.set(rule.message, tries + 1)
    await wait(client.settings, pause)
  }
}
