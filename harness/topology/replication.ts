// What Patroni's members say of themselves, and whether that is one primary with one synchronous standby.
import { ScenarioError } from '../time/errors.ts'
import { type Node, nodeNamed, nodesOf, portOf, type Topology, urlOf } from './topology.ts'

/** One member's own word. */
export interface DatabaseMember {
  readonly name: string
  /** The standbys that stream from it, by whether its commits wait for them. */
  readonly feeds: readonly ('sync' | 'async')[]
  /** primary: it holds the leader key. `null` where nobody answered, or not as a member that runs. */
  readonly role: 'primary' | 'synchronous standby' | 'standby' | null
  readonly timeline: number | null
  /** Whether it holds the leader key, by the status of its answer: also where its PostgreSQL does not run. `null` where nobody answered. */
  readonly leads: boolean | null
  /** PostgreSQL's own word, beyond the key: it runs, and is not in recovery. */
  readonly takesWrites: boolean
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
  readonly role?: string
  readonly sync_standby?: boolean
  readonly timeline?: number
  readonly replication?: readonly { readonly state?: string; readonly sync_state?: string }[]
}

/** Reads a member's answer to GET /primary. Never throws. */
export const memberFrom = (name: string, answer: Answer): DatabaseMember => {
  const said = answer.ok ? saidIn(answer.body) : null
  const leads = said === null ? null : answer.status === 200
  const unknown = (because: string): DatabaseMember => ({
    name,
    feeds: [],
    role: null,
    timeline: null,
    leads,
    takesWrites: false,
    because,
  })
  if (!answer.ok) return unknown(answer.error ?? 'no answer')
  if (said === null) return unknown(`status ${answer.status} without Patroni's words`)
  if (said.state !== 'running') return unknown(`PostgreSQL is ${said.state ?? 'in an unknown state'}`)
  const streaming = (said.replication ?? []).filter((each) => each.state === 'streaming')
  return {
    name,
    feeds: streaming.map((each) => (each.sync_state === 'sync' ? 'sync' : 'async')),
    role: answer.status === 200 ? 'primary' : said.sync_standby ? 'synchronous standby' : 'standby',
    timeline: said.timeline ?? null,
    leads: answer.status === 200,
    takesWrites: WRITABLE.has(said.role ?? ''),
  }
}

/** Somebody on the deployment's own network who asks a URL. */
export type Get = (url: string, options: { readonly timeoutMs: number }) => Promise<Answer>

const LOOK_LIMIT_MS = 1000

const UNASKED: Answer = { ok: false, status: 0, body: '', error: 'it has no port labelled patroni' }

/** The nodes that Patroni keeps; none where a PostgreSQL stands by itself. */
export const patroniNodes = (topology: Topology): readonly Node[] =>
  nodesOf(topology, 'database').filter((node) => portOf(node, 'patroni'))

/** Asks every one of them at once what it is. Never rejects for what a member says or does not say. */
export const lookAtMembers = (nodes: readonly Node[], get: Get): Promise<readonly DatabaseMember[]> =>
  Promise.all(
    nodes.map(async (node) => {
      const url = urlOf(node, 'patroni', '/primary')
      const answer = url === null ? UNASKED : await get(url, { timeoutMs: LOOK_LIMIT_MS })
      return memberFrom(node.name, answer)
    }),
  )

/** The one member with this role. Throws ScenarioError ERR_NO_MEMBER where there is none, or more than one, and says what each is. */
export const memberInRole = (
  topology: Topology,
  members: readonly DatabaseMember[],
  role: 'primary' | 'synchronous standby',
): Node => {
  const [found, second] = members.filter((member) => member.role === role)
  if (found && !second) return nodeNamed(topology, found.name)
  throw new ScenarioError(
    `Expected one ${role}, and ${sayMembers(members) || 'this deployment has no database that Patroni keeps'}.`,
    { code: 'ERR_NO_MEMBER' },
  )
}

/** 'database-1 is primary; database-2 is unknown (no answer in 1000 ms)'. */
const sayMembers = (members: readonly DatabaseMember[]): string =>
  members.map((member) => `${member.name} is ${member.role ?? `unknown (${member.because})`}`).join('; ')

/**
 * Whether an acknowledged write is on two nodes and stays so: exactly one primary, exactly one synchronous standby that it
 * waits for, everybody fed by it and on its timeline.
 */
export const judgeReplication = (
  members: readonly DatabaseMember[],
): { readonly ok: boolean; readonly because: string } => {
  const said = sayMembers(members)
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

/** Patroni takes the role from pg_is_in_recovery(). From 4.0 on it says primary where it said master. */
const WRITABLE: ReadonlySet<string> = new Set(['master', 'primary'])

const saidIn = (body: string): Said | null => {
  try {
    const said: unknown = JSON.parse(body)
    return typeof said === 'object' && said !== null ? (said as Said) : null
  } catch {
    return null
  }
}
