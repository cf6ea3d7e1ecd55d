// What arrived at the upstream more than once though it must not: read from its own record once nobody calls any more.
import type { Recorder } from '../history/recorder.ts'
import { nodesOf, type Topology, urlOf } from '../topology/topology.ts'
import type { Callers } from './callers.ts'
import { jsonOf } from './inside.ts'

interface World {
  readonly topology: Topology
  readonly callers: Pick<Callers, 'get'>
  readonly recorder: Recorder
  readonly clock: { now(): number }
}

interface Tally {
  readonly distinct: number
  readonly duplicates: readonly string[]
  readonly duplicateCount: number
}

/** One event an upstream that keeps such a record. Throws where one that does would not tell: nobody knows then. */
export const recordUpstreams = async ({ topology, callers, recorder, clock }: World): Promise<void> => {
  for (const node of nodesOf(topology, 'upstream')) {
    const url = urlOf(node, 'seen', '/seen/once')
    if (url === null) continue
    const answer = await callers.get(url)
    if (!answer.ok || answer.status !== 200)
      throw new Error(`${node.name} did not say what it saw: ${answer.error ?? `status ${answer.status}`}`)
    const { distinct, duplicates, duplicateCount } = jsonOf(answer) as Tally
    recorder.record({ kind: 'upstream-record', at: clock.now(), node: node.name, distinct, duplicates, duplicateCount })
  }
}
