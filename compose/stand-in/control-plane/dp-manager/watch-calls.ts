// The watch call: opens a stream for a request and ends it with the connection, or with the node.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Door, groupOf, scopeOf } from './caller.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { Values } from './etcd-calls.ts'
import { EtcdError, GRPC } from './etcd-error.ts'
import { watchMessages } from './watch-requests.ts'
import { type Stream, streamOver, type Watched, watchStream } from './watch-stream.ts'

const SOCKET_KEEP_ALIVE_MS = 10_000

/** What watches need beside the door. `feedNow` is undefined until the schema is there. */
export interface WatchSource {
  feedNow(): ChangeFeed | undefined
  readonly progressMs?: number | undefined
}

export const watchCalls = (server: FastifyInstance, door: Door, source: WatchSource): void => {
  const responses = new Set<Stream>()
  // A watch never ends by itself. The response just ends: gateways then watch the next endpoint at once.
  server.addHook('preClose', async () => {
    for (const response of [...responses]) response.end()
  })
  server.post<Values>('/v3/watch', async (request, reply) => {
    const feed = source.feedNow()
    const messages = watchMessages(request.body ?? [])
    if (!feed || messages.length === 0) throw new EtcdError(GRPC.invalidArgument, 'create_request is missing')
    request.raw.socket.setKeepAlive(true, SOCKET_KEEP_ALIVE_MS)
    const scope = await scopeOrRefusal(door, request)
    // Whoever left meanwhile has been heard to close: a watch begun now would never be told to stop.
    if (reply.raw.destroyed) return reply
    const watched = { database: door.database, feed, scope, progressMs: source.progressMs }
    await streamTo(reply, { watched, responses, messages })
    return reply
  })
}

const streamTo = async (
  reply: FastifyReply,
  {
    watched,
    responses,
    messages,
  }: {
    readonly watched: Watched
    readonly responses: Set<Stream>
    readonly messages: ReturnType<typeof watchMessages>
  },
): Promise<void> => {
  const stream = watchStream(watched, () => {
    reply.hijack()
    const response = streamOver(reply.raw)
    responses.add(response)
    reply.raw.on('close', () => responses.delete(response))
    return response
  })
  reply.raw.on('close', () => stream.stop())
  try {
    await stream.take(messages)
  } catch (error) {
    // Once the response has begun its status is said: it can only end, and the gateway comes again.
    if (!reply.raw.headersSent) throw error
    reply.raw.end()
  }
}

/** A wrong operator's token is told in a frame, as etcd does; a stranger's gateway gets a status. */
const scopeOrRefusal = async (door: Door, request: FastifyRequest): Promise<Watched['scope']> => {
  if (!request.headers.authorization) await groupOf(door, request)
  return await scopeOf(door, request).catch((error: unknown) => {
    if (!(error instanceof EtcdError) || error.code !== GRPC.unauthenticated) throw error
    return { refusedBecause: `rpc error: code = Unauthenticated desc = ${error.message}` }
  })
}
