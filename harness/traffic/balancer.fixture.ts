// Balancers' sockets of a test's own.
import { createServer } from 'node:net'

const HEADER = '# pxname,svname,status,check_status,check_code'

/**
 * A balancer's socket that answers with these server lines, one answer after another, and from then on with the last.
 * An answer of no lines is none: the connection is closed without a word.
 */
export const balancerSaying = async (
  ...answers: readonly (readonly string[])[]
): Promise<{ readonly port: number; close(): void }> => {
  const [last = [], ...before] = answers.toReversed()
  const server = createServer((socket) => {
    const lines = before.pop() ?? last
    socket.end(lines.length > 0 ? [HEADER, ...lines, ''].join('\n') : '')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, close: () => void server.close() }
}
