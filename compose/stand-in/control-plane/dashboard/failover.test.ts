import { get as getOverTls } from 'node:https'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { call, dashboardOn, patchDesc, publishOrders, ROUTE_PATH, signIn } from '../control-plane.fixture.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from '../postgres.fixture.ts'
import type { RunningDashboard } from './dashboard-server.ts'

/** How long a caller may be left waiting while the database is away: the vendor's timeout of 5 s, and a little. */
const PATIENCE_MS = 6_500

describe.skipIf(HAS_NO_POSTGRES)('while the database fails', () => {
  let postgres: Postgres
  let nodes: readonly RunningDashboard[]
  let cookie: string
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())
  beforeEach(async () => {
    const databaseUrl = await postgres.createSchema()
    nodes = [await dashboardOn(databaseUrl, 'control-plane-1'), await dashboardOn(databaseUrl, 'control-plane-2')]
    cookie = await signIn(node(0))
    await publishOrders(node(0), cookie)
  })
  afterEach(async () => {
    await Promise.all(nodes.map((each) => each.close()))
  })
  const node = (index: number): RunningDashboard => {
    const found = nodes[index % nodes.length]
    if (!found) throw new Error('no node')
    return found
  }

  test('no acknowledged change is lost and none is made twice, and every answer comes in time', async () => {
    const acknowledged: string[] = []
    const unknown: string[] = []
    const statuses = new Set<number>()
    let slowestMs = 0
    let isOver = false
    const writer = async (lane: number): Promise<void> => {
      for (let index = 0; !isOver; index += 1) {
        const label = `l${lane}-${index}`
        const sentAt = performance.now()
        const body = [{ op: 'add', path: `/labels/${label}`, value: 'x' }]
        const { status, body: said } = await call(node(lane + index), ['PATCH', ROUTE_PATH], { cookie, body })
        slowestMs = Math.max(slowestMs, performance.now() - sentAt)
        statuses.add(status)
        if (status === 200) acknowledged.push(label)
        else if (String(said.error_msg).startsWith('outcome unknown')) unknown.push(label)
        else expect([status, said.error_msg]).toEqual([503, expect.stringContaining('nothing was changed')])
      }
    }
    await call(node(0), ['PATCH', ROUTE_PATH], { cookie, body: [{ op: 'add', path: '/labels', value: {} }] })
    const writers = Promise.all([0, 1, 2, 3].map(writer))
    const enough = async (count: number): Promise<void> =>
      await expect.poll(() => acknowledged.length, { timeout: 8_000, interval: 5 }).toBeGreaterThan(count)
    for (let round = 0; round < 3; round += 1) {
      await enough(acknowledged.length + 20)
      await postgres.kill()
      await postgres.start()
    }
    await enough(acknowledged.length + 20)
    isOver = true
    await writers

    const { labels } = (await call(node(0), ['GET', ROUTE_PATH], { cookie })).body.value
    const kept = Object.keys(labels)
    expect(acknowledged.filter((label) => !kept.includes(label))).toEqual([])
    expect(kept.filter((label) => !acknowledged.includes(label) && !unknown.includes(label))).toEqual([])
    // Two creations, the labels' own, and one entry for each label that is there: none without the other, none twice.
    const { total } = (await call(node(1), ['GET', '/api/audit_logs'], { cookie })).body
    expect(total).toBe(3 + kept.length)
    expect(slowestMs).toBeLessThan(PATIENCE_MS)
    expect([...statuses].filter((status) => ![200, 500, 503].includes(status))).toEqual([])
  })

  test('a read and a write meet a database that is gone with a clear 503 in time', async () => {
    await postgres.kill()
    try {
      const sentAt = performance.now()
      const answers = await Promise.all([
        call(node(0), ['GET', ROUTE_PATH], { cookie }),
        patchDesc(node(1), cookie, 'never'),
      ])
      expect(performance.now() - sentAt).toBeLessThan(PATIENCE_MS)
      for (const answer of answers)
        expect(answer).toMatchObject({
          status: 503,
          body: { error_msg: expect.stringContaining('nothing was changed') },
        })
    } finally {
      await postgres.start()
    }
    expect((await call(node(0), ['GET', ROUTE_PATH], { cookie })).body.value.desc).toBe('before')
  })
})

describe.skipIf(HAS_NO_POSTGRES)('the TLS port', () => {
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 20_000)
  afterAll(async () => await postgres.remove())

  test('serves the same sessions and health as the plain one, also where that is disabled', async () => {
    const databaseUrl = await postgres.createSchema()
    const both = await dashboardOn(databaseUrl, 'control-plane-1')
    const tlsOnly = await dashboardOn(databaseUrl, 'control-plane-2', 'database', { isPlainDisabled: true })
    try {
      const cookie = await signIn(both)
      expect(tlsOnly.url).toBe('')
      const headers = { cookie }
      expect(await overTls(`${both.tlsUrl()}/api/me`, headers)).toMatchObject({ status: 200, issuer: 'API7 Inc' })
      expect(await overTls(`${tlsOnly.tlsUrl()}/api/me`, headers)).toMatchObject({ status: 200 })
      expect(await overTls(`${tlsOnly.tlsUrl()}/healthz`, {})).toMatchObject({ status: 200 })
      expect(await overTls(`${tlsOnly.tlsUrl()}/api/me`, {})).toMatchObject({ status: 401 })
    } finally {
      await Promise.all([both.close(), tlsOnly.close()])
    }
  })
})

const overTls = (url: string, headers: Record<string, string>): Promise<{ status: number; issuer: string }> =>
  new Promise((resolve, reject) => {
    getOverTls(url, { headers, rejectUnauthorized: false }, (answer) => {
      answer.resume()
      const socket = answer.socket as import('node:tls').TLSSocket
      resolve({ status: answer.statusCode ?? 0, issuer: String(socket.getPeerCertificate().issuer.CN) })
    }).on('error', reject)
  })
