// The configuration client of APISIX 3.13, as far as a server can tell: the bytes it sends and the rules it reads by.
//
// The rules are W1 to W9 of facts/protocol.md §1.3, where the lines of lua-resty-etcd and config_etcd.lua stand. A
// frame that APISIX would stumble over is a violation here, so a server that passes is one APISIX can follow.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { base64, type Json, plain } from './etcd-client.fixture.ts'

/** A change as APISIX applies it. */
export interface Applied {
  readonly revision: number
  readonly key: string
  /** Undefined where the key was deleted. */
  readonly value: string | undefined
}

/** Sends what APISIX sends: no Content-Type, no token, the body to the letter. */
const send = (url: string, path: string, body: string): Promise<{ asked: ClientRequest; answer: IncomingMessage }> =>
  new Promise((resolve, reject) => {
    const headers = { 'User-Agent': 'lua-resty-http/0.17.2 (Lua) ngx_lua/10028', 'Content-Length': body.length }
    const asked = httpRequest(url + path, { method: 'POST', headers, agent: false })
    asked.on('error', reject)
    asked.on('response', (answer) => resolve({ asked, answer }))
    asked.end(body)
  })

const textOf = async (answer: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** lua-resty-etcd's readdir: the end is the key with its last byte one higher, and every member is sent. */
export const readDirectory = async (
  url: string,
  key: string,
): Promise<{ revision: number; kvs: readonly Applied[] }> => {
  const end = key.slice(0, -1) + String.fromCharCode(key.charCodeAt(key.length - 1) + 1)
  const body =
    `{"key":"${base64(key)}","range_end":"${base64(end)}","limit":0,"revision":0,"sort_order":0,"sort_target":0,` +
    '"serializable":false,"keys_only":false,"count_only":false,"min_mod_revision":0,"max_mod_revision":0,' +
    '"min_create_revision":0,"max_create_revision":0}'
  const { answer } = await send(url, '/v3/kv/range', body)
  const found: Json = JSON.parse(await textOf(answer))
  if (!found.header?.revision) throw new Error(`etcd response missing header.revision: ${JSON.stringify(found)}`)
  const kvs = (found.kvs ?? []).map((kv: Json) => appliedFrom(kv, Number(kv.mod_revision), false))
  return { revision: Number(found.header.revision), kvs }
}

const appliedFrom = (kv: Json, revision: number, isDeleted: boolean): Applied => ({
  revision,
  key: plain(kv.key),
  value: isDeleted ? undefined : plain(kv.value ?? ''),
})

/** A watch that is followed: opened again, at the next address, whenever its connection ends or is cut. */
export interface Follower {
  /** Everything applied so far, in its order. */
  readonly applied: readonly Applied[]
  /** What broke a rule. Empty while the server can be followed. */
  readonly violations: readonly string[]
  /** How often everything was read again because history was gone. */
  readonly resyncs: number
  stop(): void
}

/** Where a follower begins, and after how many bytes each of its connections is cut. */
export interface Following {
  readonly urls: readonly string[]
  readonly startRevision: number
  readonly cutAfterBytes: readonly number[]
}

/** Follows /apisix/ from a revision, through cuts. `onApplied` is called with each change. */
export const follow = (
  { urls, startRevision, cutAfterBytes }: Following,
  onApplied: (applied: Applied) => void = () => undefined,
): Follower => {
  const state = { revision: startRevision - 1, applied: [] as Applied[], violations: [] as string[], resyncs: 0 }
  const cuts = [...cutAfterBytes]
  let isStopped = false
  let current: ClientRequest | undefined
  const turn = async (index: number): Promise<void> => {
    const url = urls[index % urls.length] ?? ''
    const body = `{"create_request":{"key":"${base64('/apisix/')}","range_end":"${base64('/apisix0')}","start_revision":${state.revision + 1}}}`
    const { asked, answer } = await send(url, '/v3/watch', body)
    current = asked
    if (isStopped) asked.destroy()
    if ((answer.statusCode ?? 0) >= 300) state.violations.push(`W9: status ${answer.statusCode}`)
    await readStream(asked, answer, cuts.shift() ?? Number.POSITIVE_INFINITY)
  }
  const readStream = async (asked: ClientRequest, answer: IncomingMessage, cutAfter: number): Promise<void> => {
    const reader = frames()
    let left = cutAfter
    try {
      for await (const chunk of answer) {
        const text = chunk.subarray(0, left).toString()
        left -= chunk.length
        for (const frame of reader(text, state.violations)) if (!(await take(frame))) return void asked.destroy()
        if (left <= 0) return void asked.destroy()
      }
    } catch (error) {
      // Without a code it is ours: a frame that nobody could read. With one the connection ended, and the next begins where this one came to.
      if ((error as NodeJS.ErrnoException).code === undefined) state.violations.push(`unreadable frame: ${error}`)
    }
  }
  const take = async ({ result }: Json): Promise<boolean> => {
    const problem = problemWith(result, state.revision)
    if (problem) state.violations.push(problem)
    if (result?.compact_revision) {
      state.resyncs += 1
      state.revision = Number(result.compact_revision) - 1
      return false
    }
    if (!result || result.created || problem) return !problem
    for (const event of result.events) {
      const applied = appliedFrom(event.kv, Number(event.kv.mod_revision), event.type === 'DELETE')
      state.applied.push(applied)
      onApplied(applied)
    }
    state.revision = Number(result.header.revision)
    return true
  }
  const run = async (): Promise<void> => {
    for (let index = 0; !isStopped && index < 200; index += 1) {
      await turn(index).catch((error: Error) => isStopped || state.violations.push(`no watch: ${error.message}`))
    }
  }
  void run()
  return {
    get applied() {
      return state.applied
    },
    get violations() {
      return state.violations
    },
    get resyncs() {
      return state.resyncs
    },
    stop() {
      isStopped = true
      current?.destroy()
    },
  }
}

/** W1 and W2: chunks are put together until one ends in a newline, and then every line is a JSON object. */
const frames = (): ((text: string, violations: string[]) => readonly Json[]) => {
  let buffered = ''
  return (text, violations) => {
    buffered += text
    if (!buffered.endsWith('\n')) return []
    const lines = buffered.slice(0, -1).split('\n')
    buffered = ''
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line)]
      } catch {
        violations.push(`W1/W2: failed to decode json body: '${line.slice(0, 80)}'`)
        return []
      }
    })
  }
}

/** W3 to W6 of one frame, given the revision everything before it was delivered up to. */
const problemWith = (result: Json, delivered: number): string | undefined => {
  const what = JSON.stringify(result)?.slice(0, 200)
  if (!result) return 'the frame has no result'
  if (result.created) return result.events ? `W4: the created frame has events: ${what}` : undefined
  if (result.canceled) return result.compact_revision ? undefined : `canceled without a compact_revision: ${what}`
  if (!Array.isArray(result.events) || result.events.length === 0) return `W3: a frame without events: ${what}`
  const revisions: number[] = result.events.map((event: Json) => Number(event.kv.mod_revision))
  const revision = Number(result.header.revision)
  if (revision <= delivered) return `W5: received smaller revision ${revision} after ${delivered}: ${what}`
  if (revisions.some((each) => each <= delivered)) return `W5: an event of ${revisions} after ${delivered}: ${what}`
  if (revisions.some((each, index) => each < (revisions[index - 1] ?? 0))) return `events out of order: ${revisions}`
  if (revisions.some((each) => each > revision)) return `W6: an event beyond the header's ${revision}: ${revisions}`
  return undefined
}
