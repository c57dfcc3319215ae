/** What a person can be asked about, for hosts whose BMC we cannot reach. */
export type PersonTopic = 'power' | 'boot-device'

/** What an operation waits for a person to do, or to look at. */
export interface PersonQuestion {
  topic: PersonTopic
  /** One sentence: "Switch r1-h1 off." */
  text: string
  /** ISO time. */
  since: string
}

/** The command by which a person says that it is done. */
export function confirmCommand(topic: PersonTopic, host: string): string {
  return topic === 'power'
    ? `ferrule host confirm-power ${host} on|off`
    : `ferrule host confirm-boot-device ${host} network|disk`
}

/** As an `Attention` of the host. */
export function questionAttention(
  question: PersonQuestion,
  host: string,
): { code: string; message: string; remedy: string; since: string } {
  return {
    code: 'person-needed',
    message: question.text,
    remedy: `Then say what is so, not what was asked for: "${confirmCommand(question.topic, host)}".`,
    since: question.since,
  }
}
