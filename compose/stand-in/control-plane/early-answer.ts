// A planted defect, off unless the environment asks: a write is acknowledged before it is committed, and is gone where its commit then fails.
import { setTimeout as pause } from 'node:timers/promises'
import type { Published } from './dashboard/published-object.ts'
import type { PublishedObjects, Target } from './store.ts'

/** `ACKNOWLEDGE_EARLY_MS=500`: each write of an object is committed so long after its answer, in the order of the answers; nobody hears of one that is not. */
export const acknowledgingEarly = (objects: PublishedObjects, earlyMs: number): PublishedObjects => {
  if (earlyMs === 0) return objects
  let last: Promise<unknown> = Promise.resolve()
  const commitLater = (commit: () => Promise<unknown>): void => {
    const isDue = pause(earlyMs)
    last = last.then(() => isDue.then(commit).catch(() => undefined))
  }
  // Whoever cannot even read says so at once, as without the defect.
  const asked = (target: Target): Promise<Published | undefined> => objects.read(target)
  return {
    ...objects,
    async put(target, body, operator) {
      const before = await asked(target)
      commitLater(() => objects.put(target, body, operator))
      const now = Math.floor(Date.now() / 1000)
      const created_at = before?.created_at ?? now
      return { gateway_group_id: target.group.id, id: target.id, body, created_at, updated_at: now }
    },
    async change(target, next, operator) {
      const before = await asked(target)
      if (before === undefined) return objects.change(target, next, operator)
      commitLater(() => objects.change(target, next, operator))
      return { ...before, body: next(before.body) }
    },
    async remove(target, operator) {
      if ((await asked(target)) === undefined) return objects.remove(target, operator)
      commitLater(() => objects.remove(target, operator))
    },
  }
}
