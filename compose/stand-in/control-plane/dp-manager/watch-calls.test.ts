// What a watch leaves behind when its caller is gone before it begins.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../database.ts'
import type { ChangeFeed } from './change-feed.ts'
import { watchCalls } from './watch-calls.ts'

/** A database that answers when the test says so, and what it was asked. */
const slowDatabase = () => {
  const asked: string[] = []
  const answers: (() => void)[] = []
  const rowsFor = (sql: string): readonly object[] =>
    sql.includes('gateway_groups')
      ? [{ id: 'default', keyPrefix: '/apisix' }]
      : [{ now: 7, oldest: 1, isCurrent: true, count: 0, key: null }]
  const query = (sql: string): Promise<readonly object[]> =>
    new Promise((resolve) => {
      asked.push(sql)
      answers.push(() => resolve(rowsFor(sql)))
    })
  /** Answers what was asked, and waits until what comes of it has been asked. */
  const answer = async (): Promise<void> => {
    for (const each of answers.splice(0)) each()
    await turn()
  }
  return { database: { query } as unknown as Database, asked, answer }
}

let server: FastifyInstance
let slow: ReturnType<typeof slowDatabase>
let listened: number
let listening: number
/** The answer under way. */
let raw: ServerResponse
let gone: Promise<unknown>

const feed: ChangeFeed = {
  position: () => 7,
  listen() {
    listened += 1
    listening += 1
    return () => {
      listening -= 1
    }
  },
  close: async () => undefined,
}

beforeEach(async () => {
  slow = slowDatabase()
  listened = 0
  listening = 0
  server = fastify()
  server.addHook('onRequest', async (_request, reply) => {
    raw = reply.raw
    gone = once(raw, 'close')
  })
  watchCalls(server, { database: slow.database, secret: '' }, { feedNow: () => feed })
  await server.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(async () => await server.close())

/** A caller asks for a watch and leaves when the database has been asked so many questions; only then is the last one answered. */
const leavesAfter = async (questions: number): Promise<void> => {
  const body = JSON.stringify([{ create_request: { key: 'YQ==' } }])
  const head = 'POST /v3/watch HTTP/1.1\r\nHost: a\r\nContent-Type: application/json'
  const { port } = server.server.address() as AddressInfo
  const caller = connect(port, '127.0.0.1', () => {
    caller.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  })
  await expect.poll(() => slow.asked.length, { interval: 5 }).toBe(1)
  while (slow.asked.length < questions) await slow.answer()
  caller.destroy()
  await gone
  for (let rest = 0; rest < 4; rest += 1) await slow.answer()
}

test('a caller who leaves while it is asked who it is begins no watch', async () => {
  await leavesAfter(1)
  expect([listened, raw.headersSent]).toEqual([0, false])
})

test('a caller who leaves while its watch begins leaves no listener and no open stream behind', async () => {
  await leavesAfter(3)
  expect([listened, listening, raw.headersSent]).toEqual([1, 0, false])
})
