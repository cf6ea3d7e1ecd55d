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
 * A gateway is never ready before it has a configuration. APISIX is ready once it is loaded and stays so; with the json provider
 * it never is, not knowing that provider. API7's gateway is not ready while none of its DP Managers answers, and notices at
 * once: so each look asks them all, and looks at the same time share one answer. Where the configuration comes from a file or
 * a store there is nobody to ask.
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
      if (settings.readySemantics === 'apisix' && settings.provider === 'json') return 'unknown config provider: json'
      if (!isLoaded()) return 'worker id: 0 has not received configuration'
      if (settings.readySemantics === 'apisix' || settings.provider !== 'etcd') return undefined
      return (await isReachable()) ? undefined : 'none of the configured etcd (dp_manager) endpoints is available'
    },
  }
}

/**
 * APISIX answers JSON. API7's documentation shows `text/plain`, chunked, and no body; ours keeps the words of APISIX in it.
 * Planted defect `STATUS_ASKS=ready`: `/status` says what `/status/ready` says.
 */
export function statusPort(
  readiness: Readiness,
  { readySemantics: semantics, defects }: Pick<Settings, 'readySemantics' | 'defects'>,
): (request: IncomingMessage, response: ServerResponse) => void {
  const type = semantics === 'api7' ? 'text/plain; charset=utf-8' : 'application/json'
  const answerJson = (response: ServerResponse, [status, body]: readonly [number, object]): void => {
    response.writeHead(status, { 'content-type': type })
    // Written before the end, so that it goes chunked, as OpenResty sends it.
    response.write(`${JSON.stringify(body)}\n`)
    response.end()
  }
  return async ({ url = '/' }, response) => {
    const asksReady = url === '/status/ready' || url.startsWith('/status/ready?')
    if (asksReady || (defects.isAliveWhenReady && url.startsWith('/status'))) {
      const error = await readiness.objection()
      return answerJson(response, error === undefined ? [200, { status: 'ok' }] : [503, { status: 'error', error }])
    }
    answerJson(response, url.startsWith('/status') ? [200, { status: 'ok' }] : [404, { error_msg: '404 Not Found' }])
  }
}

/** Whether any DP Manager answers now, within a second. */
export async function anyAnswers(dpManager: DpManager, endpoints: readonly string[]): Promise<boolean> {
  return Promise.any(endpoints.map((endpoint) => dpManager.version(endpoint, reachLimitMs))).then(
    () => true,
    () => false,
  )
}
