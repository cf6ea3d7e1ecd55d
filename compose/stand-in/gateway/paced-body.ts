// A caller's body on its way to the upstream, with a limit on how long the upstream may refuse to take the next piece.
import type { IncomingMessage } from 'node:http'

/** The upstream did not take more of the body in time; APISIX's timeout.send. */
export class SendTimeout extends Error {
  readonly code = 'ERR_SEND_TIMEOUT'
  constructor() {
    super('the upstream took nothing more of the body within its send timeout')
  }
}

export interface Pace {
  readonly limitMs: number
  readonly onStall: () => void
  /** The upstream has taken the last piece. */
  readonly onSent: () => void
  /** Whether the call has its answer, so that nobody wants the rest of the body. */
  readonly isOver: () => boolean
}

/** Reads nothing before somebody asks, so a body whose upstream could not be connected is still whole for the next one. */
export async function* pacedBody(request: IncomingMessage, pace: Pace): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      // Only the upstream's slowness counts: while the caller's next piece is awaited no timer runs.
      const timer = setTimeout(pace.onStall, pace.limitMs)
      try {
        yield chunk
      } finally {
        clearTimeout(timer)
      }
    }
    pace.onSent()
  } finally {
    // The rest is read away, or the next call on this connection would wait behind it for ever.
    if (pace.isOver()) request.resume()
  }
}
