// What the upstream says at the end of a run: six hundred calls that must not be made twice, and none of them was.
import type { Event } from '../history/event.ts'

export const upstreamRecord = (more: Partial<Extract<Event, { kind: 'upstream-record' }>> = {}): Event => ({
  kind: 'upstream-record',
  at: 29_900,
  node: 'upstream',
  distinct: 600,
  duplicates: [],
  duplicateCount: 0,
  ...more,
})
