// How much servers can carry: autocannon's closed loop against all of them at once, for as long as it is told. Its one door.
import autocannon from 'autocannon'
import type { SaturateAnswer, SaturateOrder } from './protocol.ts'

/** For measurements of autocannon itself. */
export { autocannon }

/** As long as a turn carries so much more than the one before, what is measured is code being compiled; not for ever. */
const GROWTH = 1.1
const MOST_TURNS = 8

/**
 * Each server gets so many connections, and each connection its next call as soon as the last was answered. Counts the answers of
 * 2xx alone, turn after turn of `seconds`, until all of them together carry no more than in the turn before; resolves with the better
 * of the two. Rejects where autocannon cannot be started with the order.
 */
export const saturate = async (order: SaturateOrder): Promise<SaturateAnswer> => {
  let best = await turnOf(order)
  for (let turn = 1; turn < MOST_TURNS; turn += 1) {
    const next = await turnOf(order)
    const isGrown = carried(next) > GROWTH * carried(best)
    if (carried(next) > carried(best)) best = next
    if (!isGrown) break
  }
  return best
}

const turnOf = async ({ urls, connections, seconds }: SaturateOrder): Promise<SaturateAnswer> => {
  const results = await Promise.all(urls.map((url) => cannonade(url, connections, seconds)))
  return {
    servers: results.map(({ '2xx': answered, non2xx, errors, timeouts, duration }, i) => ({
      url: urls[i] ?? '',
      callsPerSecond: answered / duration,
      failed: non2xx + errors + timeouts,
    })),
  }
}

const carried = ({ servers }: SaturateAnswer): number =>
  servers.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0)

const cannonade = (url: string, connections: number, duration: number): Promise<autocannon.Result> =>
  autocannon({ url, connections, duration })
