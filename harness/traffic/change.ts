// A change of configuration under way: acknowledged by the control plane, and looked for at every gateway.
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { type Node, urlOf } from '../topology/topology.ts'
import type { Callers } from './callers.ts'
import { type InsideAnswer, jsonOf } from './inside.ts'

const LOOK_EVERY_MS = 25
const LOOK_LIMIT_MS = 1000

/**
 * A gateway has one worker process a processor, each with a configuration of its own, and whichever takes the connection answers: one that
 * shows a change is looked at so often more. A worker in four that has not taken it escapes that once in a thousand times, one in eight once in 25.
 */
const LOOKS_MORE = 24
const AT_ONCE = 2

/** What a gateway shows once it has the change. */
export interface Mark {
  readonly routeId: string
  /** The route's description in the gateway's own view. */
  readonly description?: string
  /** A header that callers of `path` see. */
  readonly answerHeader?: { readonly name: string; readonly value: string; readonly path: string }
  /** The route is gone. */
  readonly deleted?: boolean
  /** And its path, which no other route has: whoever asks for it is told that there is none. */
  readonly goneAt?: string
}

/**
 * The text with an end that no other change has: a deployment on which the same scenario was played before shows its words already, and
 * whoever is looked at would have them before they are sent.
 */
export const unique = (text: string): string => `${text}-${randomBytes(4).toString('hex')}`

/** Who looks, from where, and who is trusted meanwhile. */
export interface ChangeWorld {
  readonly callers: Pick<Callers, 'get'>
  readonly recorder: Recorder
  readonly clock: Clock
  readonly isIn: (node: Node) => boolean
}

/** A change that was asked for. */
export interface Change {
  readonly id: string
  /** refused: a clear no. unknown: no answer, or one that may have come after it was done. */
  readonly outcome: 'accepted' | 'refused' | 'unknown'
  /**
   * Resolves true when every node of the group that is in rotation shows the change, false when `limitMs` passes first.
   * A node shows it from the first sight on after which no look is without it; that is written down with the last look that did not
   * see it. A node outside of rotation is not waited for.
   */
  reaches(nodes: readonly Node[], limitMs: number): Promise<boolean>
  /**
   * The same of a change that was there before: whether it is there still, whatever the control plane lost in between. Each
   * node is looked at afresh, and every whole answer counts from the first on: what is gone and comes back did not remain. `limitMs`
   * is for nodes that do not answer. Who is outside of rotation is not looked at, and written down: earlier sights say nothing of now.
   */
  remains(nodes: readonly Node[], limitMs: number): Promise<boolean>
}

/** Whether the gateway's answers show the mark: its own view of the route, and what a caller would see. */
export const shows = (
  mark: Mark,
  view: Pick<InsideAnswer, 'status' | 'body' | 'isCut'>,
  answer?: Pick<InsideAnswer, 'headers'> & Partial<Pick<InsideAnswer, 'status'>>,
): boolean => {
  if (mark.deleted) return view.status === 404 && (mark.goneAt === undefined || answer?.status === 404)
  if (view.status !== 200) return false
  const route = (jsonOf(view) as { value?: { desc?: string } }).value
  if (mark.description !== undefined && route?.desc !== mark.description) return false
  return (
    mark.answerHeader === undefined || answer?.headers[mark.answerHeader.name.toLowerCase()] === mark.answerHeader.value
  )
}

/** What a look came to. One that nobody answered, or only an error, says nothing either way. */
type Sight = 'shown' | 'otherwise' | 'nothing'

const look = async (world: ChangeWorld, node: Node, mark: Mark | null): Promise<Sight> => {
  if (mark === null) return 'nothing'
  const path = mark.answerHeader?.path ?? mark.goneAt
  const [viewAt, calledAt] = [urlOf(node, 'control', `/v1/route/${mark.routeId}`), urlOf(node, 'http', path ?? '')]
  if (viewAt === null || calledAt === null) return 'nothing'
  const view = await world.callers.get(viewAt, { timeoutMs: LOOK_LIMIT_MS })
  if (!view.ok) return 'nothing'
  const answer = path === undefined ? undefined : await world.callers.get(calledAt, { timeoutMs: LOOK_LIMIT_MS })
  if (shows(mark, view, answer)) return 'shown'
  return isTelling(view) && (!answer || isTelling(answer)) ? 'otherwise' : 'nothing'
}

/** 'shown' once so many more looks show it, and none before them does not. One that nobody answers is made again, until then. */
const agrees = async (
  world: ChangeWorld,
  node: Node,
  { mark, until }: { mark: Mark | null; until: number },
): Promise<Sight> => {
  for (let shown = 0; shown < LOOKS_MORE; ) {
    const sights = await Promise.all(Array.from({ length: AT_ONCE }, () => look(world, node, mark)))
    if (sights.includes('otherwise')) return 'otherwise'
    shown += sights.filter((sight) => sight === 'shown').length
    if (!sights.includes('nothing')) continue
    if (world.clock.now() > until) return 'nothing'
    await pause(LOOK_EVERY_MS)
  }
  return 'shown'
}

const isTelling = ({ ok, status }: InsideAnswer): boolean => ok && status < 500

/**
 * Follows a change that was asked for. One without a mark never was, since nobody found out what it is about: no gateway shows it. `since`: when it
 * was accepted, where that is some time ago and nobody has looked for it yet: a gateway may have had it ever since.
 */
export const followChange = (
  world: ChangeWorld,
  told: { readonly id: string; readonly by: 'operator' | 'dashboard'; readonly what: string },
  {
    mark,
    outcome,
    since,
  }: { readonly mark: Mark | null; readonly outcome: Change['outcome']; readonly since?: number },
): Change => {
  const seenAt = new Set<string>()
  const lookedAt = new Set<string>()
  /** Those that showed it and, at a later look, did not. */
  const wavering = new Set<string>()
  const follow = async (node: Node, until: number): Promise<boolean> => {
    let lastLookAt = lookedAt.has(node.name) ? world.clock.now() : (since ?? world.clock.now())
    lookedAt.add(node.name)
    while (!seenAt.has(node.name)) {
      const from = world.clock.now()
      const sight = await look(world, node, mark)
      const at = world.clock.now()
      const more = sight === 'shown' ? await agrees(world, node, { mark, until }) : sight
      if (more === 'shown') {
        seenAt.add(node.name)
        world.recorder.record({ kind: 'change', at, ...told, stage: 'seen', node: node.name, lastLookAt })
        return true
      }
      if (sight === 'shown' && more === 'otherwise') wavering.add(node.name)
      if (world.clock.now() > until) return false
      // Where it wavers, the look that did not see it came after this one.
      if (more === 'otherwise') lastLookAt = sight === 'shown' ? at : from
      await pause(LOOK_EVERY_MS)
    }
    return true
  }
  const stillShown = async (node: Node, until: number): Promise<boolean> => {
    for (;;) {
      const sight = await look(world, node, mark)
      if (sight === 'otherwise') return false
      if (sight === 'shown') {
        const more = await agrees(world, node, { mark, until })
        if (more === 'otherwise') wavering.add(node.name)
        return more === 'shown'
      }
      if (world.clock.now() > until) return false
      await pause(LOOK_EVERY_MS)
    }
  }
  const note = (
    observed: 'reaches' | 'remains',
    {
      waitedFor,
      seen,
      from,
      unlooked = [],
    }: { waitedFor: readonly Node[]; seen: readonly boolean[]; from: number; unlooked?: readonly Node[] },
  ): boolean => {
    const missing = waitedFor.filter((_, i) => !seen[i])
    const byTurns = missing.filter(({ name }) => wavering.has(name)).map(({ name }) => name)
    world.recorder.record({
      kind: 'observation',
      at: world.clock.now(),
      observed,
      change: told.id,
      nodes: (missing.length ? missing : waitedFor).map((node) => node.name),
      outcome: missing.length ? 'ran-out' : 'seen',
      waitedMs: world.clock.now() - from,
      ...(byTurns.length > 0 && { byTurns }),
      ...(unlooked.length > 0 && { unlooked: unlooked.map(({ name }) => name) }),
    })
    return missing.length === 0
  }
  return {
    id: told.id,
    outcome,
    async reaches(nodes, limitMs) {
      const from = world.clock.now()
      const waitedFor = nodes.filter((node) => world.isIn(node))
      // What was refused, or never sent, is not under way: nobody need wait to see that it does not come.
      const until = outcome === 'refused' || mark === null ? from : from + limitMs
      const seen = await Promise.all(waitedFor.map((node) => follow(node, until)))
      return note('reaches', { waitedFor, seen, from })
    },
    async remains(nodes, limitMs) {
      const from = world.clock.now()
      const waitedFor = nodes.filter((node) => world.isIn(node))
      const until = mark === null ? from : from + limitMs
      const seen = await Promise.all(waitedFor.map((node) => stillShown(node, until)))
      return note('remains', { waitedFor, seen, from, unlooked: nodes.filter((node) => !waitedFor.includes(node)) })
    },
  }
}
