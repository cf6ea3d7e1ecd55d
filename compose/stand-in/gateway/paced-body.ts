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
}

/** Reads nothing before somebody asks, so a body whose upstream could not be connected is still whole for the next one. */
export async function* pacedBody(request: IncomingMessage, { limitMs, onStall }: Pace): AsyncGenerator<Buffer> {
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    // Only the upstream's slowness counts: while the caller's next piece is awaited no timer runs.
    const timer = setTimeout(onStall, limitMs)
    try {
      yield chunk
    } finally {
      clearTimeout(timer)
    }
  }
}
