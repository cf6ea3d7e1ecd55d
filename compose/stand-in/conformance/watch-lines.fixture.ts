// A raw watch: what is said on the stream, line by line, as it was said.
import type { Json } from './etcd-client.fixture.ts'
import type { Server } from './servers.fixture.ts'

export interface WatchLines {
  readonly status: number
  readonly headers: Headers
  /** The next frame; undefined when the stream has ended. */
  next(): Promise<Json>
  /** The next `count` frames. */
  take(count: number): Promise<readonly Json[]>
  stop(): void
}

/** Opens a stream with these messages in its body, one after the other. */
export const openWatch = async ({ urls, token }: Server, messages: readonly Json[]): Promise<WatchLines> => {
  const closing = new AbortController()
  const answer = await fetch(`${urls[0]}/v3/watch`, {
    method: 'POST',
    headers: token ? { authorization: token } : {},
    body: new TextEncoder().encode(messages.map((message) => JSON.stringify(message)).join('\n')),
    signal: closing.signal,
  })
  const lines = answer.body ? linesOf(answer.body) : undefined
  const next = async (): Promise<Json> => {
    const line = await lines?.next()
    return line?.done ? undefined : JSON.parse(line?.value ?? 'null')
  }
  return {
    status: answer.status,
    headers: answer.headers,
    next,
    async take(count) {
      const frames: Json[] = []
      while (frames.length < count) frames.push(await next())
      return frames
    },
    stop: () => closing.abort(),
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
