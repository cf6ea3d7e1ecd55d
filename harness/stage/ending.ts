// How a drill ends: with the first word on its script, and judged once.
import type { EventOf } from '../history/event.ts'
import { settlesWithin } from '../time/turns.ts'

/** How a script ended, as the history tells it. */
export type ScriptEnd = Omit<EventOf<'script'>, 'kind' | 'at'>

/** How a script ends: as it settles, or out of its time. It is not cancelled then, and what it comes to later is no end of the drill's. */
export const endWithin = async (script: Promise<void>, limitMs: number): Promise<ScriptEnd> => {
  if (!(await settlesWithin(script, limitMs))) return { outcome: 'timed-out' }
  return script.then((): ScriptEnd => ({ outcome: 'finished' }), thrown)
}

/** Scripts may throw anything. */
const thrown = (error: unknown): ScriptEnd => {
  const { message, code } = (error instanceof Error ? error : new Error(String(error))) as Error & {
    readonly code?: string
  }
  return { outcome: 'threw', because: message, ...(code && { code }) }
}

/** What is left to do when a script has ended. */
export interface Ending {
  record(end: ScriptEnd): void
  /** `withTail`: callers go on for as long as objectives are judged. */
  close(withTail: boolean): Promise<void>
  /** Rejects unless the verdict is a pass. */
  judge(): Promise<void>
}

/**
 * Ends a drill when it is first called, and gives every later call the same end. A script that ran out of time is not cancelled: it may
 * settle while its drill is being closed, and what it says then is not how it ended.
 */
export const endsOnce = ({ record, close, judge }: Ending): ((end: ScriptEnd) => Promise<void>) => {
  let ending: Promise<void> | undefined
  return (end) => {
    ending ??= (async () => {
      record(end)
      await close(end.outcome === 'finished')
      await judge()
    })()
    return ending
  }
}
