// Single exchanges from inside the deployment's network, made by the callers' program beside its lanes: probes, kept connections, saturation.
import {
  type ConnectOutcome,
  type GetAnswer,
  type KeptAnswer,
  MOST_BODY_BYTES,
  MOST_TURNS,
  type NegotiateAnswer,
  type SaturateAnswer,
  type SaturateOrder,
} from './caller/protocol.ts'
import type { CallerLink } from './caller-link.ts'

/** What one exchange from inside the network gave: as the callers tell it, on the run's clock. */
export type InsideAnswer = GetAnswer

/** The body of an answer as JSON. Throws where it is none; one that was cut says so, and not where its JSON ends. */
export const jsonOf = ({ body, isCut }: Pick<InsideAnswer, 'body' | 'isCut'>): unknown => {
  if (isCut) throw new Error(`the answer was cut at ${MOST_BODY_BYTES / 1024} kB, and there is more of it`)
  return JSON.parse(body)
}

/** What callers can be asked beside their lanes. Instants are ms since the run began. */
export interface Inside {
  /** One exchange on a connection of its own. Rejects only when the callers themselves are gone or silent. */
  get(url: string, options?: GetOptions): Promise<InsideAnswer>
  /** One TCP connection from inside the network. */
  connect(
    host: string,
    port: number,
    timeoutMs: number,
  ): Promise<{ readonly outcome: ConnectOutcome; readonly from: number; readonly to: number }>
  /** Which of the offered protocols a TLS port chooses, null for none; not made: no handshake came about in time, and nobody knows. */
  negotiate(
    host: string,
    port: number,
    asked: { readonly protocols: readonly string[]; readonly timeoutMs: number },
  ): Promise<NegotiateAnswer>
  /** Whom the network's own name server has under a name, IPv4; empty where nobody. */
  resolve(
    name: string,
    timeoutMs: number,
  ): Promise<{ readonly addresses: readonly string[]; readonly from: number; readonly to: number }>
  /** Keeps every one of these servers as busy as so many connections to each can; rejects when nobody says what came of it. */
  saturate(order: SaturateOrder): Promise<SaturateAnswer>
  /** One TCP connection from inside the network that stays open until it is let go. Rejects when it cannot be made in 2 s. */
  keep(host: string, port: number): Promise<KeptConnection>
}

/** A connection that was there before: what it still gives is asked over it, by HTTP. */
export interface KeptConnection {
  /** So often at once, and until as many answers came; once where nothing is said. */
  ask(limitMs: number, answers?: number): Promise<KeptAnswer>
  close(): void
}

export interface GetOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** 2 s by default. */
  readonly timeoutMs?: number
  /** PEM: the certificate that is shown where https asks for one, and its key. */
  readonly identity?: { readonly cert: string; readonly key: string }
}

// A starved caller is slow, and its slowness is to be measured, not to end the drill.
export const PATIENCE_MS = 30_000

/** Asks over the link; `toRun` tells an instant of the callers' clock on the run's. */
export const insideFrom = (link: CallerLink, toRun: (callerMs: number) => number): Inside => {
  const onRunClock = <T extends { readonly from: number; readonly to: number }>(answer: T): T => ({
    ...answer,
    from: toRun(answer.from),
    to: toRun(answer.to),
  })
  return {
    get: async (url, { method = 'GET', headers = {}, body, timeoutMs = 2000, identity } = {}) => {
      const get = { url, method, headers, timeoutMs, ...(body === undefined ? {} : { body }), ...identity }
      return onRunClock(await link.ask({ order: 'get', get }, timeoutMs + PATIENCE_MS))
    },
    connect: async (host, port, timeoutMs) =>
      onRunClock(await link.ask({ order: 'connect', connect: { host, port, timeoutMs } }, timeoutMs + PATIENCE_MS)),
    negotiate: async (host, port, asked) =>
      onRunClock(
        await link.ask({ order: 'negotiate', negotiate: { host, port, ...asked } }, asked.timeoutMs + PATIENCE_MS),
      ),
    resolve: async (name, timeoutMs) =>
      onRunClock(await link.ask({ order: 'resolve', resolve: { name, timeoutMs } }, timeoutMs + PATIENCE_MS)),
    saturate: (order) =>
      link.ask(
        { order: 'saturate', saturate: order },
        order.groups.length * MOST_TURNS * order.seconds * 1000 + PATIENCE_MS,
      ),
    keep: async (host, port) => {
      const { kept } = await link.ask({ order: 'keep', host, port }, PATIENCE_MS)
      return {
        ask: async (limitMs, answers = 1) =>
          onRunClock(await link.ask({ order: 'ask-kept', kept, limitMs, answers }, limitMs + PATIENCE_MS)),
        // Callers that are gone have let go of everything.
        close: () => void link.ask({ order: 'let-go', kept }, PATIENCE_MS).catch(() => {}),
      }
    },
  }
}
