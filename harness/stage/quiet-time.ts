// Percentiles are read off calls that waited for no processor: where those are few, callers go on until there are enough.
import { setTimeout as pause } from 'node:timers/promises'
import { quietMs } from '../analysis/quiet.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { toMs } from '../time/duration.ts'

/** In so much time a lane that watches for outages has a hundred calls that no shortage touched: it calls 60 times a second or more. */
const QUIET_MS = toMs('2s')
const QUIET_LIMIT_MS = toMs('20s')
const LOOK_EVERY_MS = 250

/**
 * Until processors were not short for 2 s in all since `from`, ms of the run. For 20 s at most: a machine that never leaves so much is
 * told by the verdict. Ends by what the machine does, whatever callers meet meanwhile.
 */
export const waitForQuiet = async (
  { recorder, clock }: { readonly recorder: Pick<Recorder, 'events'>; readonly clock: Pick<Clock, 'now'> },
  from: number,
): Promise<void> => {
  const until = clock.now() + QUIET_LIMIT_MS
  while (clock.now() < until && quietMs(recorder.events(), [from, clock.now()]) < QUIET_MS) await pause(LOOK_EVERY_MS)
}
