// A route as the traffic port serves it: joined with its service, its upstream and its plugins.
import type { HeaderRewrite } from './header-operations.ts'
import type { RequestRewrite } from './proxy-rewrite.ts'
import type { Upstream } from './upstream.ts'

/** Without an upstream it answers 503, as APISIX does. */
export interface ServedRoute {
  readonly id: string
  /** Empty when the route has no service. */
  readonly serviceId: string
  readonly upstream: Upstream | undefined
  readonly mayUpgrade: boolean
  /** What proxy-rewrite asks for. */
  readonly rewriteRequest: RequestRewrite | undefined
  /** What response-rewrite asks for. */
  readonly rewrite: HeaderRewrite | undefined
}
