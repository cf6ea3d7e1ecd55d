// A balancer's own socket: what it thinks of its servers, and the words to change its mind.
import { connect } from 'node:net'
import type { CheckSettings, RotationState } from './check.ts'
import { environmentOf } from './environment.ts'
import { type Node, nodesOf, PRIMARY_BACKEND, portOf, type Topology } from './topology.ts'

/** One server line of one backend, as the balancer sees it. */
export interface ServerLook {
  readonly backend: string
  /** Servers are named after nodes: that is how a balancer's opinion is joined to the topology. */
  readonly node: string
  readonly state: RotationState
  /** HAProxy's check status, 'L4CON' or 'L7STS 503'; absent without checks. */
  readonly reason?: string
}

/** HAProxy's words for a check that went well, or for none yet. */
const NOT_FAILED = /^(\* )?(L\dOKC?|PROCOK|INI|UNK)/

/** Whether a server's last check failed: it is trusted all the same until there were as many as it takes. */
export const hasFailedCheck = ({ reason }: ServerLook): boolean => reason !== undefined && !NOT_FAILED.test(reason)

/** A balancer with a socket that this machine reaches on 127.0.0.1. */
export interface Balancer {
  readonly name: string
  readonly port: number
  /** The container that it runs in, by its id. */
  readonly container?: string
}

/** The deployment's balancers whose `balancer` port is published. */
export const balancersOf = (topology: Topology): readonly Balancer[] =>
  nodesOf(topology, 'load-balancer').flatMap((node) => {
    const at = portOf(node, 'balancer')
    return at?.port.published === undefined
      ? []
      : [{ name: node.name, port: at.port.published, container: at.container.id }]
  })

/** Says one command to a balancer and resolves with its whole answer. Rejects after `timeoutMs`, or when it cannot be reached. */
export const ask = (balancer: Balancer, command: string, timeoutMs = 1000): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: balancer.port })
    const chunks: Buffer[] = []
    const fail = (because: string) => () => {
      socket.destroy()
      reject(new Error(`${balancer.name} did not answer '${command}': ${because}`))
    }
    socket.setTimeout(timeoutMs, fail(`no word within ${timeoutMs} ms`))
    socket.on('error', (error) => fail(error.message)())
    socket.on('data', (chunk) => chunks.push(chunk))
    // An end without a word is a proxy in between whose balancer is gone.
    socket.on('end', () =>
      chunks.length ? resolve(Buffer.concat(chunks).toString()) : fail('closed without a word')(),
    )
    socket.end(`${command}\n`)
  })

/** What a member that runs and is not the primary answers its check with. HAProxy marks a check under way with '* '. */
const NOT_PRIMARY = /^(\* )?L7STS 503$/

/** The last check was answered, and with which status HAProxy 2.6 has forgotten: the next one is under way. What it thinks remains. */
const FORGOTTEN = '* L7STS 0'

const stateFrom = (status: string, isElsewhere: boolean): RotationState => {
  if (status.startsWith('MAINT')) return 'maintenance'
  if (status.startsWith('DRAIN') || status.startsWith('NOLB')) return 'draining'
  if (status.startsWith('DOWN')) return isElsewhere ? 'standby' : 'out'
  // 'UP', 'UP 1/2' (failing, still trusted) and 'no check' all take traffic.
  return 'in'
}

/** Reads the answer to `show stat`, CSV with a header line; `before` is what the look before this one saw, if there was one. */
export const serversFrom = (csv: string, before: readonly ServerLook[] = []): readonly ServerLook[] => {
  const [header = '', ...lines] = csv.replace(/^# /, '').split('\n')
  const columns = header.split(',')
  const column = (fields: readonly string[], name: string): string => fields[columns.indexOf(name)] ?? ''
  return lines
    .filter((line) => line.includes(','))
    .map(fieldsOf)
    .filter((fields) => !['FRONTEND', 'BACKEND'].includes(column(fields, 'svname')))
    .map((fields) => {
      const reason = [column(fields, 'check_status'), column(fields, 'check_code')].filter(Boolean).join(' ')
      const [backend, node] = [column(fields, 'pxname'), column(fields, 'svname')]
      const wasOut = before.some((each) => each.backend === backend && each.node === node && each.state === 'out')
      const isNotPrimary = NOT_PRIMARY.test(reason) || (reason === FORGOTTEN && !wasOut)
      return {
        backend,
        node,
        state: stateFrom(column(fields, 'status'), backend === PRIMARY_BACKEND && isNotPrimary),
        ...(reason && { reason }),
      }
    })
}

/** What a balancer distributes, from the `mode` of its servers in the answer to `show stat`: calls (http) or connections (tcp). */
export const modeFrom = (csv: string): 'http' | 'tcp' => {
  const [header = '', ...lines] = csv.replace(/^# /, '').split('\n')
  const place = header.split(',').indexOf('mode')
  return lines.some((line) => fieldsOf(line)[place] === 'http') ? 'http' : 'tcp'
}

/** A line's fields: one with a comma in it, as a check's last words may have, stands in quotes. */
const fieldsOf = (line: string): readonly string[] =>
  Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) => quoted ?? plain ?? '')

/** The same, asked of a balancer. */
export const modeOf = async (balancer: Balancer): Promise<'http' | 'tcp'> =>
  modeFrom(await ask(balancer, 'show stat -1 4 -1'))

/** The number of the process that gave the answer to `show info`. Throws RangeError where it names none. */
export const processFrom = (info: string): number => {
  const pid = Number(/^Pid: (\d+)$/m.exec(info)?.[1])
  if (pid > 0) return pid
  throw new RangeError(`A balancer's answer to 'show info' names no process: ${info.slice(0, 80)}`)
}

/** Which of a balancer's processes takes the connections to its socket now. */
export const processOf = async (balancer: Balancer): Promise<number> => processFrom(await ask(balancer, 'show info'))

/** Looks at every server of a balancer; `before` is what the look before this one saw, if there was one. */
export const lookAt = async (balancer: Balancer, before?: readonly ServerLook[]): Promise<readonly ServerLook[]> =>
  serversFrom(await ask(balancer, 'show stat -1 4 -1'), before)

/** A fault is not refused, nor left in effect, for an answer that a busy machine is slow with. */
const PATIENCE_MS = 5000

/** The same for whoever has no next look, and need not know when this one was: rejects after 5 s. */
export const lookOnceAt = async (balancer: Balancer): Promise<readonly ServerLook[]> =>
  serversFrom(await ask(balancer, 'show stat -1 4 -1', PATIENCE_MS))

/** Tells a balancer to drain a server or to trust it again (its checks permitting). Rejects when it refuses, and after 5 s. */
export const setServer = async (
  balancer: Balancer,
  server: { backend: string; node: string },
  state: 'drain' | 'ready',
): Promise<void> => {
  const command = `set server ${server.backend}/${server.node} state ${state}`
  const answer = (await ask(balancer, command, PATIENCE_MS)).trim()
  if (answer) throw new Error(`${balancer.name} refused to set ${server.backend}/${server.node} to ${state}: ${answer}`)
}

const UNITS_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A length as HAProxy reads it, ms: without a unit it is that already. Throws RangeError on anything else. */
const lengthFrom = (name: string, words: string): number => {
  const [, count, unit = 'ms'] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(words) ?? []
  if (count !== undefined) return Number(count) * (UNITS_MS[unit] ?? 1)
  throw new RangeError(
    `A balancer's ${name} is '${words}': expected a whole number with one of ${Object.keys(UNITS_MS).join(', ')}, or without one.`,
  )
}

/**
 * Reads a check from the words of a `default-server` line and the two timeouts; undefined when it says `no-check` or nothing.
 * HAProxy 2.6.12 gives a check min(inter, timeout connect) from its start; `timeout check`, from when it is connected, can only
 * make that longer (measured).
 */
export const checkFrom = (
  words: string,
  {
    check = '1s',
    connect = '300ms',
  }: { readonly check?: string | undefined; readonly connect?: string | undefined } = {},
): CheckSettings | undefined => {
  if (!/(^|\s)check(\s|$)/.test(words)) return undefined
  const after = (word: string): string | undefined => new RegExp(`(?:^|\\s)${word}\\s+(\\S+)`).exec(words)?.[1]
  const every = (word: string): number => lengthFrom(word, after(word) ?? after('inter') ?? '2s')
  const interMs = every('inter')
  return {
    interMs,
    fastinterMs: every('fastinter'),
    downinterMs: every('downinter'),
    fall: Number(after('fall') ?? 3),
    rise: Number(after('rise') ?? 2),
    timeoutMs: Math.max(lengthFrom('timeout check', check), Math.min(interMs, lengthFrom('timeout connect', connect))),
  }
}

/** The check of a balancer node, and the path it asks for, from its container's environment. */
export const checkOf = async (node: Node): Promise<{ readonly path: string; readonly check?: CheckSettings }> => {
  if (node.containers.length === 0) return { path: 'unknown' }
  const environment = await environmentOf(node)
  // A balancer with a configuration of its own checks as that says.
  if (environment.LB_SERVER === undefined) return { path: 'unknown' }
  const timeouts = { check: environment.LB_CHECK_TIMEOUT, connect: environment.LB_CONNECT_TIMEOUT }
  const check = checkFrom(environment.LB_SERVER, timeouts)
  return { path: check ? (environment.LB_CHECK ?? 'unknown') : 'none', ...(check && { check }) }
}
