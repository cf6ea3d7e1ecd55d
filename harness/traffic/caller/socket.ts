// The socket under a lane's connections: plain or TLS, to the address that was found when the lane opened.
import net from 'node:net'
import tls from 'node:tls'
import type { LaneOrder } from './protocol.ts'

/** The event at which it may carry calls is the second. A name server's pause must not look like the gateway's, so `address` is given. */
export const openSocket = (
  order: LaneOrder,
  address: string,
): { readonly socket: net.Socket; readonly ready: 'connect' | 'secureConnect' } => {
  const { protocol, hostname, port } = new URL(order.url)
  const isTls = protocol === 'https:'
  const to = { host: address, port: Number(port) || (isTls ? 443 : 80) }
  const socket = isTls ? tls.connect({ ...to, ...asked(order, hostname) }) : net.connect(to)
  socket.setNoDelay(true)
  return { socket, ready: isTls ? 'secureConnect' : 'connect' }
}

const asked = (order: LaneOrder, hostname: string): tls.ConnectionOptions => ({
  ...(net.isIP(hostname) === 0 ? { servername: hostname } : {}),
  ...(order.ca === undefined ? { rejectUnauthorized: false } : { ca: order.ca }),
  ALPNProtocols: [order.protocol === 'h2' ? 'h2' : 'http/1.1'],
})
