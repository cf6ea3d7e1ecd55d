// One line for each call on the traffic port, when ACCESS_LOG=1.
import type { Log } from './log.ts'
import type { TrafficListener } from './proxy.ts'

export function withAccessLog(listener: TrafficListener, log: Log): TrafficListener {
  return (request, response) => {
    const beganAt = performance.now()
    response.once('close', () => {
      const { method, url, headers } = request
      const tookMs = Math.round((performance.now() - beganAt) * 1000) / 1000
      // nginx writes 499 for a caller who left before the answer was complete.
      const status = response.writableFinished ? response.statusCode : 499
      log.info({ method, url, status, tookMs, requestId: headers['x-request-id'] }, 'access')
    })
    listener(request, response)
  }
}
