// How much groups of gateways can carry, measured on all of a group at once and past the balancer, before anybody depends on them.
import { setTimeout as pause } from 'node:timers/promises'
import type { Recorder } from '../history/recorder.ts'
import { ScenarioError } from '../time/errors.ts'
import { CALLED_PATH } from '../topology/called-route.ts'
import { type Node, urlOf } from '../topology/topology.ts'
import type { Callers } from './callers.ts'

interface World {
  readonly callers: Pick<Callers, 'saturate' | 'get'>
  readonly recorder: Recorder
  readonly clock: { now(): number }
}

/** A gateway with little of a processor takes its time to start. */
const SERVES_LIMIT_MS = 60_000
const NEXT_LOOK_MS = 250

/** Enough that a gateway never waits for the next call, and no more than it has places for. */
const CONNECTIONS = 16
const SECONDS = 2

/**
 * Waits until the gateways serve, saturates group after group until none carries more, and writes down what each gateway carried in
 * each group. Throws ScenarioError ERR_NO_PORT on a node that serves no HTTP, ERR_NO_STEADY_STATE where one does not answer within
 * a minute.
 */
export const measureCapacity = async (
  { callers, recorder, clock }: World,
  groups: readonly (readonly Node[])[],
): Promise<void> => {
  const urls = groups.map((nodes) => nodes.map(calledUrl))
  const until = clock.now() + SERVES_LIMIT_MS
  for (const url of new Set(urls.flat())) {
    while ((await callers.get(url)).status !== 200) {
      if (clock.now() > until)
        throw new ScenarioError(
          `${url} did not serve within ${SERVES_LIMIT_MS / 1000} s: there is nothing to measure.`,
          {
            code: 'ERR_NO_STEADY_STATE',
          },
        )
      await pause(NEXT_LOOK_MS)
    }
  }
  const measured = await callers.saturate({ groups: urls, connections: CONNECTIONS, seconds: SECONDS })
  for (const [k, servers] of measured.groups.entries()) {
    const nodes = servers.map(({ callsPerSecond, failed }, i) => ({
      node: groups[k]?.[i]?.name ?? '',
      callsPerSecond,
      failed,
    }))
    recorder.record({ kind: 'capacity', at: clock.now(), nodes })
  }
}

const calledUrl = (node: Node): string => {
  const url = urlOf(node, 'http', CALLED_PATH)
  if (url !== null) return url
  throw new ScenarioError(`${node.name} has no port labelled http: nobody knows how much it can carry.`, {
    code: 'ERR_NO_PORT',
  })
}
