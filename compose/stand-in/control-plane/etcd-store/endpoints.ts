// Which etcd member to ask next: the one that worked last, and those that failed only when there is no other.

/** The members in the order they are worth asking, and what became of asking them. */
export interface Endpoints {
  inOrder(): readonly string[]
  worked(url: string): void
  failed(url: string): void
}

/** How long a member that failed is passed over while another one is there. */
const AVOIDED_MS = 10_000

/** Members by their addresses, all well to begin with. `now` is in milliseconds on any clock that only moves on. */
export const endpointsOf = (urls: readonly string[], now: () => number = () => performance.now()): Endpoints => {
  const failedAt = new Map<string, number>()
  let favourite = urls[0]
  const isAvoided = (url: string): boolean => now() - (failedAt.get(url) ?? Number.NEGATIVE_INFINITY) < AVOIDED_MS
  return {
    inOrder() {
      const first = Math.max(0, urls.indexOf(favourite ?? ''))
      const ring = [...urls.slice(first), ...urls.slice(0, first)]
      const avoided = ring.filter(isAvoided)
      // The one that failed longest ago is the likeliest to be back.
      avoided.sort((one, other) => (failedAt.get(one) ?? 0) - (failedAt.get(other) ?? 0))
      return [...ring.filter((url) => !isAvoided(url)), ...avoided]
    },
    worked(url) {
      failedAt.delete(url)
      favourite = url
    },
    failed(url) {
      failedAt.set(url, now())
    },
  }
}
