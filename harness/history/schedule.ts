// When each call of a lane is due: one in each interval of its rate, which may change while the lane runs.
//
//  rate │            ╭───────────  to
//       │          ╱
//       │────────╱                 from call `index` on, over `overMs`
//       └─────────────────────────▶ time: call i stands where the area under the line is between i and i + 1

/** From the interval of call `index` on, the rate changes evenly to `to` calls a second over `overMs`, and stays there. */
export interface Ramp {
  readonly index: number
  readonly to: number
  readonly overMs: number
}

/** A schedule: all of it is known before the first call that it says something new of. Times are ms, rates calls a second. */
export interface Schedule {
  /** When the interval of call 0 begins. */
  readonly t0: number
  readonly rate: number
  /** Draws the instant of each call in its interval, an integer of 32 bits; without it every call stands at the beginning. */
  readonly seed?: number
  /** In the order of their indices. */
  readonly ramps?: readonly Ramp[]
}

/**
 * When call i is scheduled, in the unit and on the clock of `t0` (ms). A metronome would march in step with whatever is
 * regular in the deployment, a round robin or a health check, and see only what that shows to it.
 */
export const scheduledAt = (schedule: Schedule, i: number): number =>
  beginsAt(schedule, i + (schedule.seed === undefined ? 0 : drawn(schedule.seed, i)))

/** When interval n begins; a fraction of n is that part of its calls later. */
export const beginsAt = (schedule: Schedule, n: number): number => {
  const { t0, rate, ramps } = schedule
  if (ramps === undefined) return t0 + (n * 1000) / rate
  const piece = lastOf(piecesOf(schedule), ({ index }) => index <= n)
  return piece.at + timeIn(piece, n - piece.index)
}

/** The inverse: how many intervals have begun by then, with the fraction of the one that runs. */
export const positionAt = (schedule: Schedule, at: number): number => {
  const { t0, rate, ramps } = schedule
  if (ramps === undefined) return ((at - t0) * rate) / 1000
  const piece = lastOf(piecesOf(schedule), (each) => each.at <= at)
  const tookMs = at - piece.at
  return piece.index + (piece.rate + (piece.slope * tookMs) / 2) * (tookMs / 1000)
}

/** Calls a second where interval n begins. */
export const rateOf = (schedule: Schedule, n: number): number => {
  if (schedule.ramps === undefined) return schedule.rate
  const piece = lastOf(piecesOf(schedule), ({ index }) => index <= n)
  return piece.rate + piece.slope * timeIn(piece, n - piece.index)
}

/** The lowest and the highest rate that a schedule ever comes to. */
export const ratesOf = ({ rate, ramps = [] }: Schedule): { readonly lowest: number; readonly highest: number } => {
  const rates = [rate, ...ramps.map(({ to }) => to)]
  return { lowest: Math.min(...rates), highest: Math.max(...rates) }
}

/** From interval `index`, which begins at `at`, the rate changes by `slope` calls a second every ms. */
interface Piece {
  readonly index: number
  readonly at: number
  readonly rate: number
  readonly slope: number
}

/** ms that so many intervals of a piece take. */
const timeIn = ({ rate, slope }: Piece, intervals: number): number => {
  const reached = Math.sqrt(Math.max(0, rate * rate + 2000 * slope * intervals))
  return (2000 * intervals) / (rate + reached)
}

const lastOf = (pieces: readonly Piece[], isBefore: (piece: Piece) => boolean): Piece => {
  for (let k = pieces.length - 1; k > 0; k -= 1) {
    const piece = pieces[k]
    if (piece && isBefore(piece)) return piece
  }
  return pieces[0] ?? { index: 0, at: 0, rate: 1, slope: 0 }
}

const known = new WeakMap<readonly Ramp[], { readonly of: Schedule; readonly pieces: readonly Piece[] }>()

/** Worked out once for each list of ramps, since every call asks for them. */
const piecesOf = (schedule: Schedule): readonly Piece[] => {
  const { t0, rate, ramps = [] } = schedule
  const found = known.get(ramps)
  if (found && found.of.t0 === t0 && found.of.rate === rate) return found.pieces
  const pieces = ramps.reduce<readonly Piece[]>(withRamp, [{ index: 0, at: t0, rate, slope: 0 }])
  known.set(ramps, { of: schedule, pieces })
  return pieces
}

/** A ramp ends whatever the one before had still to do. */
const withRamp = (before: readonly Piece[], { index, to, overMs }: Ramp): readonly Piece[] => {
  const last = lastOf(before, (piece) => piece.index <= index)
  const tookMs = timeIn(last, index - last.index)
  const rate = last.rate + last.slope * tookMs
  const at = last.at + tookMs
  const kept = before.filter((piece) => piece.index < index)
  const steady: Piece = { index: index + ((rate + to) / 2) * (overMs / 1000), at: at + overMs, rate: to, slope: 0 }
  return overMs > 0 ? [...kept, { index, at, rate, slope: (to - rate) / overMs }, steady] : [...kept, steady]
}

/** The i-th draw of a seed, uniform in [0, 1). */
const drawn = (seed: number, i: number): number => drawnBits(seed, i) / 2 ** 32

/** The same as 32 bits: MurmurHash3's finalizer, by Austin Appleby, over a Weyl sequence. */
export const drawnBits = (seed: number, i: number): number => {
  let bits = Math.imul(i + 1, 0x9e3779b9) + seed
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
