import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { get } from './probe.ts'
import { MOST_BODY_BYTES } from './protocol.ts'

/** Listens, takes no connection, and lets no more than two wait: whoever comes then is not answered at all. */
const FULL = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    process.stdout.write(String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
  })`
const ENOUGH_TO_FILL = 4

let server: ChildProcess | undefined
afterEach(() => void server?.kill('SIGKILL'))

test('a GET to an address that nobody answers at ends by its own limit', async () => {
  const child = spawn(process.execPath, ['-e', FULL], { stdio: ['ignore', 'pipe', 'inherit'] })
  server = child
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(said)
  const waiting = Array.from({ length: ENOUGH_TO_FILL }, () => net.connect(port, '127.0.0.1').on('error', () => {}))
  await once(waiting[0] ?? child, 'connect')
  const { ok, from, to } = await get({ url: `http://127.0.0.1:${port}/`, method: 'GET', headers: {}, timeoutMs: 250 })
  for (const socket of waiting) socket.destroy()
  expect(ok).toBe(false)
  expect(to - from).toBeLessThan(1000)
}, 5000)

test('a body that is longer than an answer may be is cut and says so, and one that just fits is whole', async () => {
  const bodies = http.createServer((request, response) => response.end('x'.repeat(Number(request.url?.slice(1)))))
  await once(bodies.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(bodies.address() as net.AddressInfo).port}`
  const bodyOf = (bytes: number) => get({ url: `${origin}/${bytes}`, method: 'GET', headers: {}, timeoutMs: 5000 })
  const [whole, cut] = [await bodyOf(MOST_BODY_BYTES), await bodyOf(MOST_BODY_BYTES + 1)]
  bodies.close()
  expect([whole.ok, whole.body.length, whole.isCut]).toEqual([true, MOST_BODY_BYTES, undefined])
  expect([cut.ok, cut.body.length, cut.isCut]).toEqual([true, MOST_BODY_BYTES, true])
})
