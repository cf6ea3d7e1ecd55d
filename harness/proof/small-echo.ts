// A server in a process of its own that answers every call with its id, and keeps nothing: what callers are measured against.
import net from 'node:net'

const answer = (head: string): string => {
  const id = /^x-request-id: (\S+)/im.exec(head)?.[1]
  const body = `{"requestId":"${id}"}`
  return `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

const server = net.createServer((socket) => {
  socket.on('error', () => {})
  socket.setNoDelay(true)
  // Callers send one small request at a time on a connection, and it comes in one piece.
  socket.on('data', (chunk) => socket.write(answer(chunk.toString('latin1'))))
})

server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as net.AddressInfo).port}\n`))
// Dies with whoever started it.
process.stdin.resume().once('close', () => process.exit(0))
