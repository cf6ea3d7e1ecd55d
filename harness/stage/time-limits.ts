// How long a script may take, and how long its test may, which is not over with it: healing, the tail, saving and judging follow.
import { toMs } from '../time/duration.ts'

const SCRIPT_MS = 5 * 60_000

/** Of these the tail takes up to 70 s where nodes come to rest late and processors are short; the rest is for heals that wait and an engine that is busy. */
const CLOSING_MS = 2 * 60_000

/** A soak's script has as much longer as it was asked to go on. */
export const scriptLimitMs = ({ FIREDRILL_SOAK }: NodeJS.ProcessEnv): number => SCRIPT_MS + toMs(FIREDRILL_SOAK || '0s')

/** What Playwright gives a scenario's test. */
export const testLimitMs = (env: NodeJS.ProcessEnv): number => scriptLimitMs(env) + CLOSING_MS
