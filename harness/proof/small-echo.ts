// A server in a process of its own that answers every call with its id, and keeps nothing: what callers are measured against.
import net from 'node:net'
import { answerHeads, answerOf, idIn } from './answer-heads.ts'

const server = net.createServer((socket) =>
  answerHeads(socket, (head) => answerOf('200 OK', `{"requestId":"${idIn(head)}"}`)),
)

server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as net.AddressInfo).port}\n`))
// Dies with whoever started it.
process.stdin.resume().once('close', () => process.exit(0))
