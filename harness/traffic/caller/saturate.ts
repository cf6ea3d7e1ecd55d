// How much servers can carry: autocannon's closed loop against all of a group at once, for as long as it is told. Its one door.
import autocannon from 'autocannon'
import { type Carried, MOST_TURNS, type SaturateAnswer, type SaturateOrder } from './protocol.ts'

/** For measurements of autocannon itself. */
export { autocannon }

/** As long as a group carries so much more than it ever did, what is measured is code being compiled; not for ever. */
const GROWTH = 1.1
/** One round without growth is chance where a gateway has a few per cent of a processor; two in a row are not. */
const ROUNDS_WARM = 2

/**
 * Each server gets so many connections, and each connection its next call as soon as the last was answered. Counts the answers of
 * 2xx alone. Groups take turns of `seconds`, so that none is measured colder than another, round after round until no group carries
 * more than it did twice in a row; resolves with what each carried over its last three turns. Rejects where autocannon cannot be
 * started with the order.
 */
export const saturate = ({ groups, connections, seconds }: SaturateOrder): Promise<SaturateAnswer> =>
  inRounds(groups.map((urls) => () => Promise.all(urls.map((url) => cannonade(url, connections, seconds)))))

/** A turn of one group. */
export type Turn = () => Promise<readonly Carried[]>

/** The mean of the last three turns of each group, once two whole rounds have shown none that is better by more than a tenth. */
export const inRounds = async (turns: readonly Turn[]): Promise<SaturateAnswer> => {
  const taken: (readonly Carried[])[][] = turns.map(() => [])
  let grewIn = 0
  for (let round = 0; round < MOST_TURNS && round - grewIn <= ROUNDS_WARM; round += 1) {
    for (const [i, turn] of turns.entries()) {
      const before = taken[i] ?? []
      const now = await turn()
      if (carried(now) > GROWTH * Math.max(0, ...before.map(carried))) grewIn = round
      before.push(now)
    }
  }
  return { groups: taken.map((each) => meanOf(each.slice(-ROUNDS_WARM - 1))) }
}

const carried = (servers: readonly Carried[]): number =>
  servers.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0)

/** Of turns of the same servers: the mean of their rates, the sum of their failures. */
const meanOf = (turns: readonly (readonly Carried[])[]): readonly Carried[] =>
  (turns[0] ?? []).map(({ url }, i) => ({
    url,
    callsPerSecond: turns.reduce((sum, turn) => sum + (turn[i]?.callsPerSecond ?? 0), 0) / turns.length,
    failed: turns.reduce((sum, turn) => sum + (turn[i]?.failed ?? 0), 0),
  }))

const cannonade = async (url: string, connections: number, seconds: number): Promise<Carried> => {
  const {
    '2xx': answered,
    non2xx,
    errors,
    timeouts,
    duration,
  } = await autocannon({ url, connections, duration: seconds })
  return { url, callsPerSecond: answered / duration, failed: non2xx + errors + timeouts }
}
