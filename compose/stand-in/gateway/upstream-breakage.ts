// How a call to an upstream node broke: it decides whether another node may be asked, and what the caller is told.

export type Breakage = 'not-connected' | 'connect-timeout' | 'closed' | 'timeout' | 'bad-request' | 'other'

const breakages: Readonly<Record<string, Breakage>> = {
  ECONNREFUSED: 'not-connected',
  EHOSTUNREACH: 'not-connected',
  ENETUNREACH: 'not-connected',
  ENOTFOUND: 'not-connected',
  EAI_AGAIN: 'not-connected',
  ETIMEDOUT: 'connect-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  UND_ERR_SOCKET: 'closed',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ERR_READ_TIMEOUT: 'timeout',
  ERR_SEND_TIMEOUT: 'timeout',
  UND_ERR_INVALID_ARG: 'bad-request',
}

/** Reads the error's code. Only before a connection stands is it certain that nothing was sent. */
export function breakageOf(error: Error): Breakage {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return breakages[code] ?? 'other'
}
