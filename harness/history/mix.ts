// Which of several requests each call of a lane is: known beforehand, exact over short windows, and the same on every machine.
import { drawnBits } from './schedule.ts'

/** Calls next to each other change places within so many, or the mix would march in step with a round robin of the deployment's. */
const TOGETHER = 16

/** The seed also draws the instants of calls: which route a call is has nothing to do with when it is due. */
const OWN_DRAWS = 0x5bd1e995

/** Says of call i which route it is, as an index. Weights are whole numbers above nought; a seed is an integer of 32 bits. */
export const callMix = (weights: readonly number[], seed = 0): ((i: number) => number) => {
  if (weights.length <= 1) return () => 0
  const turn = turnOf(weights)
  return (i) => turn[placeOf(seed, i) % turn.length] ?? 0
}

/**
 * One turn through the weights, each route as evenly as whole calls allow: after n calls each had its share of n, rounded up or
 * down. Of the routes that may be due the one whose next call must not wait longer goes first (Steiner and Yeomans 1993).
 */
const turnOf = (asked: readonly number[]): Uint16Array => {
  const shared = asked.reduce(divisor)
  const weights = asked.map((weight) => weight / shared)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const had = weights.map(() => 0)
  return Uint16Array.from({ length: total }, (_, n) => {
    const latest = (k: number): number => Math.ceil((((had[k] ?? 0) + 1) * total) / (weights[k] ?? 1))
    const due = weights.flatMap((weight, k) => ((had[k] ?? 0) * total < (n + 1) * weight ? [k] : []))
    const next = due.reduce((best, k) => (latest(k) < latest(best) ? k : best), due[0] ?? 0)
    had[next] = (had[next] ?? 0) + 1
    return next
  })
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** Call i takes the place of another one of its sixteen: an affine step through them, another one for each sixteen. */
const placeOf = (seed: number, i: number): number => {
  const within = i % TOGETHER
  const bits = drawnBits(seed ^ OWN_DRAWS, (i - within) / TOGETHER)
  // An odd factor is a permutation of a power of two; the exclusive or keeps neighbours from staying neighbours.
  const moved = (Math.imul(within ^ (bits & 15), ((bits >>> 4) & 7) * 2 + 1) + (bits >>> 7)) & (TOGETHER - 1)
  return i - within + moved
}
