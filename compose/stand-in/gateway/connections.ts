// Connections to the nodes behind the gateway, shared by every upstream that asks for the same kind to the same node.
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type buildConnector, Pool } from 'undici'

export interface ConnectionKind {
  readonly connectMs: number
  /** How long an idle connection is kept, and how many calls one may carry; APISIX's keepalive_pool. */
  readonly idleMs: number
  readonly requests: number
}

export interface Connections {
  /** The pool to an origin like `http://10.0.0.1:80`, opened when it is first asked for. */
  poolFor(origin: string, kind: ConnectionKind): Pool
  close(): Promise<void>
}

export function openConnections(): Connections {
  const pools = new Map<string, Pool>()
  return {
    poolFor(origin, kind) {
      const key = `${origin} ${kind.connectMs} ${kind.idleMs} ${kind.requests}`
      const known = pools.get(key) ?? openPool(origin, kind)
      pools.set(key, known)
      return known
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function openPool(origin: string, { connectMs, idleMs, requests }: ConnectionKind): Pool {
  const connect = connector(connectMs)
  return new Pool(origin, { connect, keepAliveTimeout: idleMs, maxRequestsPerClient: requests, pipelining: 1 })
}

class ConnectTimeout extends Error {
  readonly code = 'UND_ERR_CONNECT_TIMEOUT'
}

/** Our own, since undici looks at connect timeouts every half second only. */
function connector(connectMs: number): buildConnector.connector {
  return (target, callback) => {
    const isTls = target.protocol === 'https:'
    const socket = isTls ? openTls(target) : openTcp(target)
    const late = new ConnectTimeout(`${target.hostname}:${target.port} took no connection within ${connectMs} ms`)
    const timer = setTimeout(() => socket.destroy(late), connectMs)
    const onError = (error: Error): void => {
      clearTimeout(timer)
      callback(error, null)
    }
    socket.once('error', onError)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.off('error', onError)
      callback(null, socket)
    })
  }
}

function openTcp({ hostname, port, protocol }: buildConnector.Options): Socket {
  return connectTcp({ host: bare(hostname), port: portOf(port, protocol), noDelay: true, keepAlive: true })
}

/** Upstream certificates are not verified by default in APISIX either. */
function openTls({ hostname, port, protocol, servername }: buildConnector.Options): Socket {
  const host = bare(hostname)
  const name = servername === undefined ? {} : { servername }
  return connectTls({
    host,
    port: portOf(port, protocol),
    ...name,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  })
}

function portOf(port: string, protocol: string): number {
  return Number(port || (protocol === 'https:' ? 443 : 80))
}

/** A host without the brackets that an IPv6 address has in a URL: who connects takes it without. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
