// The vendor's Admin API as one client, the same calls for our stand-in and for API7 Gateway 3.x, and what its answers say.
import { EnvironmentError } from '../time/errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What the Admin API answered. `body` is parsed JSON, or the text where it was none. */
export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
  readonly node: string | null
}

/** Signs in once and keeps the session's cookies, as a browser would. Rejects on no answer within `timeoutMs`. */
export interface AdminApi {
  signIn(): Promise<void>
  call(method: Method, path: string, body?: unknown): Promise<AdminAnswer>
  /** The Cookie header of the session, for a lane that reads with it. Secret. */
  cookie(): string
}

/**
 * What the status of an answer says of a write. An error of the server's own (5xx) may come after the COMMIT was sent: nobody knows whether
 * it is there.
 */
export const outcomeOfStatus = (status: number): 'accepted' | 'refused' | 'unknown' =>
  status < 300 ? 'accepted' : status < 500 ? 'refused' : 'unknown'

/** What came of a write. */
export interface WriteOutcome {
  readonly outcome: ReturnType<typeof outcomeOfStatus>
  /** Absent where it was accepted, as what follows. */
  readonly because?: string
  /** What it was answered with; absent, too, where nobody answered. */
  readonly status?: number
}

/** Asks for a write; where nobody answers nobody knows what came of it. */
export const writeOutcome = async (ask: () => Promise<Pick<AdminAnswer, 'status' | 'body'>>): Promise<WriteOutcome> => {
  try {
    const answer = await ask()
    const { status } = answer
    const outcome = outcomeOfStatus(status)
    return outcome === 'accepted' ? { outcome } : { outcome, status, because: `status ${status}: ${errorOf(answer)}` }
  } catch (error) {
    return { outcome: 'unknown', because: (error as Error).message }
  }
}

/** One of a list, as all of them are. */
export interface Item {
  readonly id: string
  readonly name: string
  readonly desc?: string
}

export const listOf = <Listed = Item>({ body }: Pick<AdminAnswer, 'body'>): readonly Listed[] =>
  (body as { list?: Listed[] } | null)?.list ?? []

const errorOf = ({ body }: Pick<AdminAnswer, 'body'>): string =>
  (body as { error_msg?: string } | null)?.error_msg ?? 'no error_msg'

/** The answer, where it is a good one. Throws EnvironmentError ERR_ADMIN_API on any other. */
export const expectOk = (answer: AdminAnswer, what: string): AdminAnswer => {
  if (answer.status === 200 || answer.status === 201) return answer
  throw new EnvironmentError(
    `The Admin API would not ${what}: status ${answer.status} (${errorOf(answer)}), expected 200.`,
    { code: 'ERR_ADMIN_API' },
  )
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A client of the Dashboard's port. `onSecret` hears of every cookie, so that no file shows it. */
export const adminApi = (options: {
  readonly origin: string
  readonly username: string
  readonly password: string
  readonly onSecret: (secret: string) => void
  readonly timeoutMs?: number
}): AdminApi => {
  const timeout = options.timeoutMs ?? 8000
  const jar = new Map<string, string>()

  const remember = (lines: readonly string[]): void => {
    for (const line of lines) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      jar.set(pair.slice(0, at), pair.slice(at + 1))
      options.onSecret(pair.slice(at + 1))
    }
  }
  const cookie = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

  const call: AdminApi['call'] = async (method, path, body) => {
    const answer = await fetch(`${options.origin}${path}`, {
      method,
      signal: AbortSignal.timeout(timeout),
      redirect: 'manual',
      headers: {
        ...(jar.size > 0 && { cookie: cookie() }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    remember(answer.headers.getSetCookie())
    return { status: answer.status, body: parse(await answer.text()), node: answer.headers.get('x-firedrill-node') }
  }

  return {
    call,
    cookie,
    async signIn() {
      const answer = await call('POST', '/api/login', { username: options.username, password: options.password })
      if (answer.status !== 200)
        throw new Error(
          `The Admin API refused the sign-in of ${options.username}: status ${answer.status}, expected 200.`,
        )
    },
  }
}
