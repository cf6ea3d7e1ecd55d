// The DP Managers a gateway knows, taken in turn; one that failed often is skipped for a while, as the vendor's client does.

export interface EndpointRing {
  readonly urls: readonly string[]
  /** The next endpoint that is not being skipped, or undefined when all of them are. */
  next(): string | undefined
  /** A success between failures takes none of them back: they only grow old, as in lua-resty-etcd's health check. */
  failed(url: string): void
}

interface Health {
  readonly fails: number
  readonly since: number
}

export interface RingRules {
  readonly maxFails: number
  /** Failures count together within this window, and an endpoint is skipped for as long. */
  readonly failWindowMs: number
  readonly now?: () => number
}

/** A ring over the endpoints, beginning with the first. */
export function endpointRing(urls: readonly string[], rules: RingRules): EndpointRing {
  const now = rules.now ?? (() => performance.now())
  const health = new Map<string, Health>()
  let turn = 0
  const recorded = (url: string): Health | undefined => {
    const known = health.get(url)
    return known !== undefined && now() - known.since < rules.failWindowMs ? known : undefined
  }
  return {
    urls,
    next() {
      for (let step = 0; step < urls.length; step += 1) {
        const url = urls[turn % urls.length]
        turn += 1
        if (url !== undefined && (recorded(url)?.fails ?? 0) < rules.maxFails) return url
      }
      return undefined
    },
    failed(url) {
      const known = recorded(url)
      const fails = (known?.fails ?? 0) + 1
      // The skip begins with the failure that tips it; the window of the ones before begins with the first.
      health.set(url, { fails, since: known === undefined || fails === rules.maxFails ? now() : known.since })
    },
  }
}
