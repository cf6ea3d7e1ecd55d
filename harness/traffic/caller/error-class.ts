// Names what went wrong with a call, from its status or from the error its connection gave.
import type { ErrorClass } from '../../history/call.ts'

/** The class of an unexpected status. */
export const classOfStatus = (status: number): ErrorClass => {
  if (status >= 500 && status <= 599) return 'server-error'
  if (status >= 400 && status <= 499) return 'client-error'
  return 'other-status'
}

/** The class of an error that came before any status line. */
export const classOfError = (error: unknown): ErrorClass => {
  const code = codeOf(error)
  return BY_CODE[code] ?? (TLS_CODE.test(code) ? 'tls-failure' : 'other')
}

/** Whether the connection was ended by the other side. */
export const isCut = (error: unknown): boolean =>
  ['connection-closed', 'connection-reset'].includes(classOfError(error)) && !isRefusedStream(error)

/** Whether an HTTP/2 server said that it did nothing with the call. */
export const isRefusedStream = (error: unknown): boolean => codeOf(error) === REFUSED_STREAM

/** Our own code for it, since Node has one for every stream that was reset. */
export const REFUSED_STREAM = 'FIREDRILL_REFUSED_STREAM'

const codeOf = (error: unknown): string => {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: readonly unknown[] }
  if (typeof code === 'string' && code !== '') return code
  // Several addresses were tried: the first failure speaks for them.
  return errors?.[0] === undefined ? '' : codeOf(errors[0])
}

const BY_CODE: Readonly<Record<string, ErrorClass>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  ECONNABORTED: 'connection-reset',
  UND_ERR_SOCKET: 'connection-closed',
  ERR_STREAM_PREMATURE_CLOSE: 'connection-closed',
  // HTTP/2: of one call, and of the connection that it was on.
  ERR_HTTP2_STREAM_ERROR: 'connection-reset',
  ERR_HTTP2_SESSION_ERROR: 'connection-reset',
  [REFUSED_STREAM]: 'connection-reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  ETIMEDOUT: 'unreachable',
  EPROTO: 'tls-failure',
  // This machine ran out of ports, files or memory: our own limit, never the deployment's fault.
  EADDRNOTAVAIL: 'shed',
  EMFILE: 'shed',
  ENFILE: 'shed',
  ENOBUFS: 'shed',
  ENOMEM: 'shed',
}

const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/
