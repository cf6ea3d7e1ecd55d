// What each balancer thought of each node, as spans of time.
import { type Event, type EventOf, eventsOf, isTrusted } from '../history/event.ts'
import type { RotationSpan, Window } from './analysis.ts'

/** Every opinion of every backend that holds a node, from the start of the run to `end`, in order of time. */
export const rotationOf = (events: readonly Event[], end: number): readonly RotationSpan[] => {
  const held = Map.groupBy(eventsOf(events, 'rotation'), heldAs)
  return [...held.values()]
    .flatMap((changes) =>
      spansOf(
        changes.toSorted((a, b) => a.at - b.at),
        end,
      ),
    )
    .sort((a, b) => a.from - b.from)
}

/** Nodes that some backend holds and that every backend trusted when the run ended. */
export const inRotationAtEnd = (spans: readonly RotationSpan[]): readonly string[] => {
  const last = new Map<string, RotationSpan>()
  for (const span of spans) last.set(heldAs(span), span)
  const nodes = new Set([...last.values()].map((span) => span.node))
  return [...nodes].filter((node) => [...last.values()].every((span) => span.node !== node || isTrusted(span.state)))
}

/**
 * What is left of a window from where all of these nodes were back in rotation, for `backMs` on end or for the rest of it: whoever came back
 * takes its share from then on, also where it leaves once more. Where they never were, from where the last of them was trusted anew.
 */
export const sinceAllAreIn = (
  spans: readonly RotationSpan[],
  nodes: readonly string[],
  { window: [from, to], backMs }: { readonly window: Window; readonly backMs: number },
): Window => {
  const held = spans.filter((span) => nodes.includes(span.node))
  const returns = held
    .filter((span) => isTrusted(span.state) && span.from <= to)
    .map((span) => Math.max(from, span.from))
  const instants = [from, ...returns].sort((a, b) => a - b)
  const areBack = (at: number): boolean =>
    held.every((span) => isTrusted(span.state) || span.to <= at || span.from >= Math.min(at + backMs, to))
  return [instants.find(areBack) ?? instants.at(-1) ?? from, to]
}

/** A node at a backend of a balancer. */
export const heldAs = (of: { readonly balancer: string; readonly backend: string; readonly node: string }): string =>
  `${of.balancer} ${of.backend} ${of.node}`

const spansOf = (changes: readonly EventOf<'rotation'>[], end: number): readonly RotationSpan[] => {
  const [first] = changes
  if (!first) return []
  const { balancer, backend, node } = first
  const before: readonly RotationSpan[] =
    first.was && first.was !== first.state ? [{ balancer, backend, node, state: first.was, from: 0, to: first.at }] : []
  const spans = changes.map(
    ({ state, at, reason }, i): RotationSpan => ({
      balancer,
      backend,
      node,
      state,
      from: at,
      to: Math.max(at, changes[i + 1]?.at ?? end),
      ...(reason && { reason }),
    }),
  )
  return [...before, ...spans]
}
