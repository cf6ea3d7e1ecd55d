// A long stall in which nobody who answered in the end had a processor.
import { sayMs } from '../time/duration.ts'
import type { AffectedCalls } from './affected-calls.ts'
import type { Window } from './analysis.ts'
import { ANSWERED, answeringNode, type Calls, endedAt } from './calls.ts'
import { type Machine, SHORT_SHARE } from './machine.ts'

/**
 * Why a time without an answer, in which no call was lost, is the machine's however long it was, in words; null where it is not. Every node that
 * answered calls as it ended has to have waited for a processor for most of it, or one whom its calls pass: known by name, and by the threads
 * that serve. Who hangs, or takes all of a processor itself, waits for none; and two who waited half of the time each held up nobody for all of it.
 */
export const heldUp = (
  { calls, machine }: { readonly calls: Calls; readonly machine: Machine },
  [from, to]: Window,
  { first, last }: Pick<AffectedCalls, 'first' | 'last'>,
): string | null => {
  const nodes = new Set<string>()
  for (let i = first; i < last; i += 1) {
    if (calls.code[i] !== ANSWERED || endedAt(calls, i) < to) continue
    // Nobody knows who was to answer: then only what all of them pass can have held it up.
    nodes.add(answeringNode(calls, i) ?? '')
  }
  const waitedMs = Math.min(...[...nodes].map((node) => machine.servingMs(node, [from, to])))
  if (nodes.size === 0 || waitedMs < SHORT_SHARE * (to - from)) return null
  const who = [...nodes].filter(Boolean).sort().join(' and ')
  return `there was no processor to be had for ${sayMs(waitedMs)} of that on the way of calls${who ? ` to ${who}, who answered then` : ''}`
}
