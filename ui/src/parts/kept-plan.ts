import type { Schemas } from '../api/client.ts'

const key = (operationId: string) => `ferrule.plan.${operationId}`

/** What was seen when the button was pressed, so that the operation's page can say whether it came so. */
export function keepPlan(operationId: string, plan: Schemas['Plan']): void {
  sessionStorage.setItem(key(operationId), JSON.stringify(plan))
}

export function keptPlan(operationId: string): Schemas['Plan'] | null {
  const text = sessionStorage.getItem(key(operationId))
  // written above, in this very tab
  return text === null ? null : (JSON.parse(text) as Schemas['Plan'])
}
