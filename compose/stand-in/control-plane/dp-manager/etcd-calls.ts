// etcd's unary calls: key-value, authentication and compaction.
import type { FastifyInstance } from 'fastify'
import { admitOperator, type Door, scopeOf } from './caller.ts'
import { answerOf, header } from './etcd-answers.ts'
import {
  deleteRequest,
  type Operation,
  type PutRequest,
  putRequest,
  rangeRequest,
  txnRequest,
} from './etcd-requests.ts'
import { readRange, readRevision } from './keyspace.ts'
import { compactTo, perform } from './operations.ts'
import { authenticate } from './operator-token.ts'
import { type Message, messageFrom } from './wire.ts'

/** A body as the parser leaves it: the JSON values in it, one after the other. */
export interface Values {
  readonly Body: readonly unknown[] | undefined
}

export const etcdCalls = (server: FastifyInstance, door: Door): void => {
  reads(server, door)
  writes(server, door)
  server.post<Values>('/v3/auth/authenticate', async ({ body }) => {
    const message = messageFrom(body?.[0])
    const claim = { name: message.text('name'), password: message.text('password') }
    const token = await authenticate(door.database, door.secret, claim)
    return { header: header(await readRevision(door.database)), token }
  })
}

const reads = (server: FastifyInstance, door: Door): void => {
  server.post<Values>('/v3/kv/range', async (request) => {
    const wanted = rangeRequest(messageFrom(request.body?.[0]))
    const scope = await scopeOf(door, request)
    const found = await readRange(door.database, { ...wanted, range: scope.stored(wanted.range) })
    const entries = found.entries.map((entry) => ({ ...entry, key: scope.viewed(entry.key) }))
    return answerOf({ kind: 'range', keysOnly: wanted.keysOnly, ...found, entries })
  })
}

const writes = (server: FastifyInstance, door: Door): void => {
  const call = (path: string, read: (message: Message) => Operation): void => {
    server.post<Values>(path, async (request) => {
      const operation = read(messageFrom(request.body?.[0]))
      // Gateways put the directory markers at their start. They are there already; nothing else is a gateway's to write.
      if (!request.headers.authorization && operation.kind === 'put' && isMarker(operation)) {
        return { header: header(await readRevision(door.database)) }
      }
      await admitOperator(door, request)
      return answerOf(await perform(door.database, operation))
    })
  }
  call('/v3/kv/put', putRequest)
  call('/v3/kv/deleterange', deleteRequest)
  call('/v3/kv/txn', txnRequest)
  server.post<Values>('/v3/kv/compaction', async (request) => {
    await admitOperator(door, request)
    return { header: header(await compactTo(door.database, messageFrom(request.body?.[0]).number('revision'))) }
  })
}

const isMarker = ({ key, value }: PutRequest): boolean => value.toString() === 'init_dir' && key.at(-1) === 0x2f
