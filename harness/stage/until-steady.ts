// Looks until everything has held for long enough, and for a while more until a baseline can be read off.
import { setTimeout as pause } from 'node:timers/promises'
import type { EventOf } from '../history/event.ts'
import type { SteadyCheck } from '../traffic/steady.ts'

const LOOK_EVERY_MS = 250

/** What a wait looks at. */
export interface Looking {
  readonly now: () => number
  readonly look: () => Promise<readonly SteadyCheck[]>
  /** Whether the last seconds have no gap that a baseline may not have. */
  readonly isClean: () => boolean
}

export interface Limits {
  /** Everything has to hold for so long on end. */
  readonly heldMs: number
  /** From its beginning until it has held for as long: and again, where it stops holding after that. */
  readonly limitMs: number
  /** Once it has held: so much longer at most, until it is clean. */
  readonly cleanMs: number
}

/** The look that ended the wait: `ok` where everything had held for long enough by then. */
export const untilSteady = async (
  { now, look, isClean }: Looking,
  { heldMs, limitMs, cleanMs }: Limits,
): Promise<Omit<EventOf<'steady'>, 'kind' | 'at'>> => {
  let until = now() + limitMs
  let since: number | null = null
  let cleanUntil: number | null = null
  let lastAmiss: EventOf<'steady'>['lastAmiss']
  for (;;) {
    const checks = await look()
    const amiss = checks.filter((check) => !check.ok)
    const at = now()
    if (amiss.length > 0) lastAmiss = { at, checks: amiss.map(({ name, because }) => ({ name, because })) }
    since = amiss.length === 0 ? (since ?? at) : null
    const ok = since !== null && at - since >= heldMs
    if (ok && cleanUntil === null) {
      cleanUntil = at + cleanMs
      until = cleanUntil + limitMs
    }
    if (ok ? at >= (cleanUntil ?? at) || isClean() : at > until)
      return { ok, checks, ...(amiss.length === 0 && !ok && lastAmiss && { lastAmiss }) }
    await pause(LOOK_EVERY_MS)
  }
}
