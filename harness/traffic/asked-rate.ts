// How many calls a second are asked for, all lanes together, as a script changes it while the drill goes on.

export interface AskedRate {
  /** From `at` on evenly to `to` over `overMs`, from whatever it is by then. */
  ramp(at: number, change: { readonly to: number; readonly overMs: number }): void
  /** The lowest that it was between two instants: what callers can at least be held to. */
  leastIn(from: number, to: number): number
}

interface Turn {
  readonly at: number
  readonly rate: number
}

/** Times are ms since the run began. */
export const askedRate = (rate: number): AskedRate => {
  let turns: readonly Turn[] = [{ at: Number.NEGATIVE_INFINITY, rate }]
  const rateAt = (at: number): number => {
    const next = turns.findIndex((turn) => turn.at > at)
    const [before, after] = next < 0 ? [turns.at(-1), undefined] : [turns[next - 1], turns[next]]
    if (!before || !after || !Number.isFinite(before.at)) return before?.rate ?? rate
    return before.rate + ((after.rate - before.rate) * (at - before.at)) / (after.at - before.at)
  }
  return {
    ramp: (at, { to, overMs }) => {
      turns = [...turns.filter((turn) => turn.at < at), { at, rate: rateAt(at) }, { at: at + overMs, rate: to }]
    },
    leastIn: (from, to) =>
      Math.min(
        rateAt(from),
        rateAt(to),
        ...turns.flatMap((turn) => (turn.at > from && turn.at <= to ? [turn.rate] : [])),
      ),
  }
}
