// How much servers can carry: autocannon's closed loop against all of them at once, for as long as it is told. Its one door.
import autocannon from 'autocannon'
import type { SaturateAnswer, SaturateOrder } from './protocol.ts'

/** For measurements of autocannon itself. */
export { autocannon }

/** Opening connections, and code that is compiled as it is first used, are not what a server carries. */
const WARM_UP_S = 1

/**
 * Each server gets so many connections, and each connection its next call as soon as the last was answered. Counts the answers of
 * 2xx alone, after a first second that warms up. Rejects where autocannon cannot be started with the order.
 */
export const saturate = async ({ urls, connections, seconds }: SaturateOrder): Promise<SaturateAnswer> => {
  await Promise.all(urls.map((url) => cannonade(url, connections, WARM_UP_S)))
  const results = await Promise.all(urls.map((url) => cannonade(url, connections, seconds)))
  return {
    servers: results.map(({ '2xx': answered, non2xx, errors, timeouts, duration }, i) => ({
      url: urls[i] ?? '',
      callsPerSecond: answered / duration,
      failed: non2xx + errors + timeouts,
    })),
  }
}

const cannonade = (url: string, connections: number, duration: number): Promise<autocannon.Result> =>
  autocannon({ url, connections, duration })
