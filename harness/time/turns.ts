// Who waits for whom: acts that begin one after another or so many at once, and a promise that is waited for no longer than is said.
import { setTimeout as pause } from 'node:timers/promises'

/** Acts of which so many are under way at once. */
export interface Turns {
  /** Begins before everything that was given to `later`. */
  sooner<T>(act: () => Promise<T>): Promise<T>
  later<T>(act: () => Promise<T>): Promise<T>
}

/** Each of the two in the order in which its acts were given. An act that fails makes room as well. */
export const takeTurns = (atOnce: number): Turns => {
  const [first, last]: [(() => void)[], (() => void)[]] = [[], []]
  let free = atOnce
  const next = (): void => {
    const begin = free > 0 ? (first.shift() ?? last.shift()) : undefined
    if (!begin) return
    free -= 1
    begin()
  }
  const queued =
    (queue: (() => void)[]) =>
    <T>(act: () => Promise<T>): Promise<T> =>
      new Promise<void>((resolve) => {
        queue.push(resolve)
        next()
      })
        .then(act)
        .finally(() => {
          free += 1
          next()
        })
  return { sooner: queued(first), later: queued(last) }
}

/** Each act given to it begins once those given before have ended. */
export const inTurn = (): Turns['sooner'] => takeTurns(1).sooner

/** Whether the promise settles, either way, before `limitMs` have passed. */
export const settlesWithin = async (promise: Promise<unknown>, limitMs: number): Promise<boolean> => {
  const over = new AbortController()
  const settled = promise.then(
    () => true,
    () => true,
  )
  const late = pause(limitMs, false, { signal: over.signal }).catch(() => false)
  try {
    return await Promise.race([settled, late])
  } finally {
    over.abort()
  }
}

/** As the promise settles; rejects with what `late` makes where it has not before `limitMs` have passed: what it stands for goes on. */
export const within = async <T>(promise: Promise<T>, limitMs: number, late: () => Error): Promise<T> => {
  if (await settlesWithin(promise, limitMs)) return promise
  throw late()
}
