// The bench's own server, where nginx is not installed: answers with the call's id, and counts.
import { createServer, type Socket } from 'node:net'

let count = 0

const answerTo = (request: string): string => {
  const isQuestion = request.startsWith('GET /count ')
  if (!isQuestion) count += 1
  const id = /^x-request-id: (\S+)/im.exec(request)?.[1] ?? ''
  const body = isQuestion ? String(count) : `{"requestId":"${id}"}`
  return `HTTP/1.1 200 OK\r\nx-firedrill-node: data-plane-1\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

const serve = (socket: Socket): void => {
  let pending = ''
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    // None of these requests has a body: each ends with its head.
    const requests = (pending + chunk.toString('latin1')).split('\r\n\r\n')
    pending = requests.pop() ?? ''
    if (requests.length > 0) socket.write(requests.map(answerTo).join(''))
  })
}

createServer(serve).listen(Number(process.argv[2]), '127.0.0.1', 4096)
