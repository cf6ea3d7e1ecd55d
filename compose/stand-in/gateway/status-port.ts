// The status port: `/status` says that the process answers, `/status/ready` that it may be trusted with calls, in either vendor's sense.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DpManager } from './dp-manager.ts'
import type { Settings } from './settings.ts'

export interface Readiness {
  /** Why the gateway is not ready, or undefined when it is. */
  objection(): Promise<string | undefined>
}

const reachLimitMs = 1_000

/**
 * APISIX is ready once the configuration is loaded and stays so. API7's gateway is not ready while none of its DP Managers
 * answers, and notices at once: so each look asks them all, and looks at the same time share one answer.
 */
export function readinessOf(
  settings: Settings,
  { dpManager, isLoaded }: { readonly dpManager: DpManager; readonly isLoaded: () => boolean },
): Readiness {
  let underWay: Promise<boolean> | undefined
  const isReachable = (): Promise<boolean> => {
    underWay ??= anyAnswers(dpManager, settings.endpoints).finally(() => {
      underWay = undefined
    })
    return underWay
  }
  return {
    async objection() {
      if (!isLoaded()) return 'worker id: 0 has not received configuration'
      if (settings.readySemantics === 'apisix') return undefined
      return (await isReachable()) ? undefined : 'none of the configured etcd (dp_manager) endpoints is available'
    },
  }
}

export function statusPort(readiness: Readiness): (request: IncomingMessage, response: ServerResponse) => void {
  return async ({ url = '/' }, response) => {
    if (url === '/status/ready' || url.startsWith('/status/ready?')) {
      const error = await readiness.objection()
      return answerJson(response, error === undefined ? [200, { status: 'ok' }] : [503, { status: 'error', error }])
    }
    answerJson(response, url.startsWith('/status') ? [200, { status: 'ok' }] : [404, { error_msg: '404 Not Found' }])
  }
}

async function anyAnswers(dpManager: DpManager, endpoints: readonly string[]): Promise<boolean> {
  return Promise.any(endpoints.map((endpoint) => dpManager.version(endpoint, reachLimitMs))).then(
    () => true,
    () => false,
  )
}

function answerJson(response: ServerResponse, [status, body]: readonly [number, object]): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
