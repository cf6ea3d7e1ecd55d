// The bench's own server, where nginx is not installed: answers with the call's id, and counts.
import { createServer } from 'node:net'
import { answerHeads, answerOf, idIn } from './answer-heads.ts'

let count = 0

const answerTo = (head: string): string => {
  const isQuestion = head.startsWith('GET /count ')
  if (!isQuestion) count += 1
  const body = isQuestion ? String(count) : `{"requestId":"${idIn(head) ?? ''}"}`
  return answerOf('200 OK', body, ['x-firedrill-node: data-plane-1'])
}

createServer((socket) => answerHeads(socket, answerTo)).listen(Number(process.argv[2]), '127.0.0.1', 4096)
