// Windows of time: merged, measured, and asked whether they meet.
import type { Window } from './analysis.ts'

/** The same time covered by as few windows as possible, in order. */
export const merged = (windows: readonly Window[]): readonly Window[] => {
  const result: Window[] = []
  for (const [from, to] of windows.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last && from <= last[1]) result[result.length - 1] = [last[0], Math.max(last[1], to)]
    else result.push([from, to])
  }
  return result
}

/** How much of [from, to) the windows cover, ms. They must be merged. */
export const coveredMs = (windows: readonly Window[], from: number, to: number): number => {
  let low = 0
  let high = windows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((windows[middle]?.[1] ?? 0) <= from) low = middle + 1
    else high = middle
  }
  let sum = 0
  for (let i = low; i < windows.length; i += 1) {
    const [start, end] = windows[i] ?? [to, to]
    if (start >= to) break
    sum += Math.max(0, Math.min(end, to) - Math.max(start, from))
  }
  return sum
}

/** What is left of the windows without those of `taken`. Both must be merged. */
export const outside = (windows: readonly Window[], taken: readonly Window[]): readonly Window[] =>
  windows.flatMap(([from, to]) => {
    const within = (at: number): number => Math.min(to, Math.max(from, at))
    const edges = [from, ...taken.flat().map(within), to]
    return edges.flatMap((start, i): readonly Window[] => {
      const end = edges[i + 1]
      return i % 2 === 0 && end !== undefined && start < end ? [[start, end]] : []
    })
  })

/** Whether the two share any time, or touch where one of them is a single instant. */
export const meets = (a: Window, b: Window): boolean => a[0] <= b[1] && b[0] <= a[1]

/** The smallest window that holds them all; undefined of none. */
export const hull = (windows: readonly Window[]): Window | undefined => {
  const [first, ...rest] = windows
  return first && rest.reduce<Window>((all, each) => [Math.min(all[0], each[0]), Math.max(all[1], each[1])], first)
}

/** Where a thing looked for in order is: the first index whose value is not below `wanted`. */
export const lowerBound = (sorted: ArrayLike<number>, wanted: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
