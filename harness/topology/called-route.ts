// The one route that callers ask for: what the control plane, the Dashboard and a gateway's own file are told of it.

/** The gateway group that it is published in, by name. */
export const CALLED_GROUP = 'default'
/** The service that it belongs to, by name. */
export const CALLED_SERVICE = 'orders'
/** Its name. */
export const CALLED_ROUTE = 'orders'
/** Its paths. */
export const CALLED_PATHS: readonly string[] = ['/orders', '/orders/*']
/** What callers ask for. */
export const CALLED_PATH = '/orders/42'
