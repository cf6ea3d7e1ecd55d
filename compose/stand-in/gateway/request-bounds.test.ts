// Where one request ends and the next begins, and what one means: what two servers could read differently is refused.
import { expect, test } from 'vitest'
import { closeAfterEach, exchange, gatewayWith, rawCall, routeTo, upstreamThat } from './traffic.fixture.ts'

closeAfterEach()

const limit = { timeout: 4_000, interval: 10 }
const status = (answer: string): string => answer.slice(9, 12)

/** A gateway to an upstream that counts what reaches it, and answers with the path, method and body it saw. */
async function counted() {
  const reached: string[] = []
  const port = await upstreamThat((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      reached.push(`${request.method} ${request.url} ${body}`)
      response.end(body)
    })
  })
  const { gateway } = await gatewayWith({ 'routes/all': routeTo([port]) })
  return { reached, port: gateway.ports.traffic, gateway }
}

test('a request with both a length and a chunked coding is refused and reaches no upstream', async () => {
  const { reached, port } = await counted()
  const head = ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 4', 'Transfer-Encoding: chunked']
  expect(status(await exchange(port, head, '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'))).toBe('400')
  expect(reached).toEqual([])
})

test.each([
  ['two lengths', 'POST / HTTP/1.1', ['Content-Length: 4', 'Content-Length: 5'], '400'],
  ['a second Host', 'GET / HTTP/1.1', ['Host: b'], '400'],
  ['a coding that is not chunked alone', 'POST / HTTP/1.1', ['Transfer-Encoding: gzip, chunked'], '501'],
  ['a path above the root', 'GET /../x HTTP/1.1', ['Connection: close'], '400'],
])('%s is refused and reaches no upstream', async (_what, line, lines, expected) => {
  const { reached, port, gateway } = await counted()
  const close = lines.includes('Connection: close') ? [] : ['Connection: close']
  expect(status(await exchange(port, [line, 'Host: a', ...lines, ...close], '0\r\n\r\n'))).toBe(expected)
  expect(reached).toEqual([])
  expect(gateway.log.filter(({ msg }) => msg === 'upstream failed')).toEqual([])
})

test('two requests written at once are two calls, answered in order', async () => {
  const { reached, port } = await counted()
  const first = 'POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none'
  const second =
    'POST /two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\ntwo\r\n0\r\n\r\n'
  const answer = await rawCall(port, first + second).closed
  expect(reached).toEqual(['POST /one one', 'POST /two two'])
  expect(answer.indexOf('one')).toBeLessThan(answer.indexOf('two'))
})

test('a caller who waits for 100 Continue is told to go on, and its body arrives', async () => {
  const { reached, port } = await counted()
  const head = 'POST /c HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n'
  const call = rawCall(port, head)
  await expect.poll(call.heard, limit).toContain('100 Continue')
  call.socket.write('ok')
  expect(await call.closed).toContain('HTTP/1.1 200 OK')
  expect(reached).toEqual(['POST /c ok'])
})

test('an answer to HEAD, a 204 and a 304 have no body, and the connection carries the next call', async () => {
  const port = await upstreamThat((request, response) => {
    if (request.method === 'HEAD') return void response.writeHead(200, { 'Content-Length': '5' }).end()
    response.writeHead(Number(request.url?.slice(1)), { 'X-Kept': '1' }).end()
  })
  const { gateway } = await gatewayWith({ 'routes/all': routeTo([port]) })
  const lines = [
    'HEAD / HTTP/1.1',
    'Host: a',
    '',
    'GET /204 HTTP/1.1',
    'Host: a',
    '',
    'GET /304 HTTP/1.1',
    'Host: a',
    'Connection: close',
  ]
  const answer = await exchange(gateway.ports.traffic, lines)
  const heads = answer.split('\r\n\r\n').filter((head) => head !== '')
  expect(heads.map((head) => status(head))).toEqual(['200', '204', '304'])
  expect(heads[0]).toContain('Content-Length: 5')
  expect(answer).not.toContain('chunked')
})

test('an answer that comes before the body is whole frees the connection for the next call', async () => {
  const port = await upstreamThat((request, response) => {
    if (request.method === 'POST') response.writeHead(413).end('too large')
    else response.end('next')
  })
  const { gateway } = await gatewayWith({ 'routes/all': routeTo([port]) })
  const call = rawCall(gateway.ports.traffic, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\nx')
  await expect.poll(call.heard, limit).toContain('413')
  call.socket.write(`${'x'.repeat(199_999)}GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  expect(await call.closed).toContain('next')
})

test('an upload that its caller breaks off ends at the upstream, and no other node is asked', async () => {
  let begun = 0
  const broken = Promise.withResolvers<void>()
  const port = await upstreamThat((request) => {
    begun += 1
    request.on('error', () => broken.resolve())
    request.resume()
  })
  const { gateway } = await gatewayWith({ 'routes/all': routeTo([port, port]) })
  const call = rawCall(gateway.ports.traffic, 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\npart')
  await expect.poll(() => begun, limit).toBe(1)
  call.socket.destroy()
  await broken.promise
  expect(begun).toBe(1)
})
