// Which protocol a TLS port chooses of those it is offered: asked of the port itself, since no Compose file says.
import tls from 'node:tls'
import { monotonicMs } from '../../time/clock.ts'
import type { NegotiateAnswer, NegotiateOrder } from './protocol.ts'

/** One handshake, whoever's certificate is shown, closed at once. Never rejects. */
export const negotiate = ({ host, port, protocols, timeoutMs }: NegotiateOrder): Promise<NegotiateAnswer> => {
  const from = monotonicMs()
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, ALPNProtocols: [...protocols], rejectUnauthorized: false })
    const end = (isMade: boolean): void => {
      clearTimeout(timer)
      const chosen = (isMade && socket.alpnProtocol) || null
      socket.destroy()
      resolve({ isMade, chosen, from, to: monotonicMs() })
    }
    const timer = setTimeout(() => end(false), timeoutMs)
    socket.once('secureConnect', () => end(true))
    socket.on('error', () => end(false))
  })
}
