// The least that an HTTP server can be: requests without a body, each answered at once.
import type { Socket } from 'node:net'

const HEAD_ENDS = '\r\n\r\n'

/** Answers each request that comes on the connection, in its order, with what `answer` makes of its head. */
export const answerHeads = (socket: Socket, answer: (head: string) => string): void => {
  let pending = ''
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    const heads = (pending + chunk.toString('latin1')).split(HEAD_ENDS)
    pending = heads.pop() ?? ''
    if (heads.length > 0) socket.write(heads.map(answer).join(''))
  })
}

/** The id that our callers give to each call; null of who gives none. */
export const idIn = (head: string): string | null => /^x-request-id: (\S+)/im.exec(head)?.[1] ?? null

/** An answer with its body and no more than it has to have; `more` are whole lines of its head. */
export const answerOf = (status: string, body: string, more: readonly string[] = []): string =>
  [`HTTP/1.1 ${status}`, ...more, `content-length: ${body.length}`, '', body].join('\r\n')
