// etcd's lease calls, under both of the paths its gateway has for some of them.
import type { FastifyInstance } from 'fastify'
import { admitOperator, type Door } from './caller.ts'
import { header } from './etcd-answers.ts'
import type { Values } from './etcd-calls.ts'
import { readRevision } from './keyspace.ts'
import { grantLease, keepAlive, listLeases, revokeLease, timeLeft } from './leases.ts'
import { type Message, messageFrom } from './wire.ts'

/** What a call's answer has beside its header. */
type Work = (message: Message) => Promise<object>

export const leaseCalls = (server: FastifyInstance, door: Door): void => {
  const { database } = door
  const withHeader = async (work: Promise<object>): Promise<object> => {
    const members = await work
    return { header: header(await readRevision(database)), ...members }
  }
  const call = (paths: readonly string[], work: Work): void => {
    for (const path of paths) {
      server.post<Values>(path, async (request) => {
        await admitOperator(door, request)
        return await withHeader(work(messageFrom(request.body?.[0])))
      })
    }
  }
  call(['/v3/lease/grant'], async (message) => {
    const granted = await grantLease(database, { id: message.id('ID'), ttlS: message.number('TTL') })
    return { ID: granted.id, TTL: String(granted.ttlS) }
  })
  call(['/v3/lease/revoke', '/v3/kv/lease/revoke'], async (message) => {
    await revokeLease(database, message.id('ID'))
    return {}
  })
  call(['/v3/lease/timetolive', '/v3/kv/lease/timetolive'], async (message) => {
    const { ttlS, grantedS, keys } = await timeLeft(database, message.id('ID'), message.flag('keys'))
    return {
      ID: message.id('ID'),
      ...ttl(ttlS),
      ...(grantedS === 0 ? {} : { grantedTTL: String(grantedS) }),
      ...(keys.length === 0 ? {} : { keys: keys.map((key) => key.toString('base64')) }),
    }
  })
  call(['/v3/lease/leases', '/v3/kv/lease/leases'], async () => {
    const ids = await listLeases(database)
    return ids.length === 0 ? {} : { leases: ids.map((id) => ({ ID: id })) }
  })
  // A stream in etcd: each message of the body is answered by a line of its own.
  server.post<Values>('/v3/lease/keepalive', async (request, reply) => {
    await admitOperator(door, request)
    const lines: string[] = []
    for (const message of (request.body ?? []).map(messageFrom)) {
      const work = keepAlive(database, message.id('ID')).then((ttlS) => ({ ID: message.id('ID'), ...ttl(ttlS) }))
      lines.push(`${JSON.stringify({ result: await withHeader(work) })}\n`)
    }
    return reply.header('content-type', 'application/json').send(lines.join(''))
  })
}

const ttl = (seconds: number): object => (seconds === 0 ? {} : { TTL: String(seconds) })
