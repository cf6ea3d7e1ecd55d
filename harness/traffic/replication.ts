// What Patroni's members say of themselves, and whether that is one primary with one synchronous standby.

/** One member's own word. */
export interface DatabaseMember {
  readonly name: string
  /** The standbys that stream from it, by whether its commits wait for them. */
  readonly feeds: readonly ('sync' | 'async')[]
  /** primary: it holds the leader key. `null` where nobody answered, or not as a member that runs. */
  readonly role: 'primary' | 'synchronous standby' | 'standby' | null
  readonly timeline: number | null
  /** Why the role is not known. */
  readonly because?: string
}

/** What an exchange with a member gave. */
interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly body: string
  readonly error?: string
}

/** Patroni's answer to GET /primary: 200 with the leader key, 503 without; the same words in both. */
interface Said {
  readonly state?: string
  readonly sync_standby?: boolean
  readonly timeline?: number
  readonly replication?: readonly { readonly state?: string; readonly sync_state?: string }[]
}

/** Reads a member's answer to GET /primary. Never throws. */
export const memberFrom = (name: string, answer: Answer): DatabaseMember => {
  const unknown = (because: string): DatabaseMember => ({ name, feeds: [], role: null, timeline: null, because })
  if (!answer.ok) return unknown(answer.error ?? 'no answer')
  const said = saidIn(answer.body)
  if (said === null) return unknown(`status ${answer.status} without Patroni's words`)
  if (said.state !== 'running') return unknown(`PostgreSQL is ${said.state ?? 'in an unknown state'}`)
  const streaming = (said.replication ?? []).filter((each) => each.state === 'streaming')
  return {
    name,
    feeds: streaming.map((each) => (each.sync_state === 'sync' ? 'sync' : 'async')),
    role: answer.status === 200 ? 'primary' : said.sync_standby ? 'synchronous standby' : 'standby',
    timeline: said.timeline ?? null,
  }
}

/**
 * Whether an acknowledged write is on two nodes and stays so: exactly one primary, exactly one synchronous standby that it
 * waits for, everybody fed by it and on its timeline.
 */
export const judgeReplication = (
  members: readonly DatabaseMember[],
): { readonly ok: boolean; readonly because: string } => {
  const said = members.map((member) => `${member.name} is ${member.role ?? `unknown (${member.because})`}`).join('; ')
  const primaries = members.filter((member) => member.role === 'primary')
  const [primary] = primaries
  const waitedFor = members.filter((member) => member.role === 'synchronous standby')
  if (!primary || primaries.length > 1 || waitedFor.length !== 1 || members.some((member) => member.role === null))
    return { ok: false, because: `expected one primary and one synchronous standby, and ${said}` }
  const { feeds } = primary
  const synchronous = feeds.filter((feed) => feed === 'sync').length
  if (feeds.length !== members.length - 1 || synchronous !== 1)
    return {
      ok: false,
      because: `${primary.name} feeds ${feeds.length} of ${members.length - 1} standbys, ${synchronous} of them synchronously`,
    }
  const elsewhere = members.filter((member) => member.timeline !== primary.timeline)
  if (elsewhere.length > 0)
    return {
      ok: false,
      because: `${primary.name} is on timeline ${primary.timeline}, and ${elsewhere.map((member) => `${member.name} on ${member.timeline}`).join(', ')}`,
    }
  return { ok: true, because: said }
}

const saidIn = (body: string): Said | null => {
  try {
    const said: unknown = JSON.parse(body)
    return typeof said === 'object' && said !== null ? (said as Said) : null
  } catch {
    return null
  }
}
