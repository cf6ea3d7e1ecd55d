// The engine's wall clock beside ours: it may run on another kernel, as Docker Desktop's does, or on another machine.
import { type EngineSays, engineSays } from '../topology/engine-says.ts'

const LIMIT_MS = 10_000

/**
 * How far the engine's wall clock is ahead of ours, ms, by one round trip; 0 where they may well agree, since the trip took as long, and where
 * the engine does not tell its time. Rejects when it does not answer within 10 s.
 */
export const engineAheadMs = async (
  ask: (limit: AbortSignal) => Promise<Partial<EngineSays>> = engineSays,
): Promise<number> => {
  const asked = Date.now()
  const { SystemTime = '' } = await ask(AbortSignal.timeout(LIMIT_MS))
  const answered = Date.now()
  const aheadMs = Date.parse(SystemTime) - (asked + answered) / 2
  // Of the whole trip, and not of half of it: the engine may have read its clock at either end, in whole ms.
  return Math.abs(aheadMs) > answered - asked + 1 ? aheadMs : 0
}
