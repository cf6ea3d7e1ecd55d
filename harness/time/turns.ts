// Who waits for whom: acts that begin one after another, and a promise that is waited for no longer than is said.
import { setTimeout as pause } from 'node:timers/promises'

/** Each act given to it begins once those given before have ended. */
export const inTurn = (): (<T>(act: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const turn = last.then(act)
    last = turn.catch(() => {})
    return turn
  }
}

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
