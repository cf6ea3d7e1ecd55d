// A planted defect, off unless the environment asks: one of a gateway's workers takes no change of what it has, and whose connection comes to it is served the old.
import type { Socket } from 'node:net'
import type { Configuration } from './configuration.ts'
import type { TrafficListener } from './proxy.ts'
import type { Defects } from './settings.ts'

export interface Workers {
  /** What the source of the configuration feeds. */
  readonly configuration: Configuration
  /** Takes the connections of all workers. `answerOf` makes a worker's own listener from the configuration it serves. */
  listener(answerOf: (configuration: Configuration, isStale: boolean) => TrafficListener): TrafficListener
}

/** `STALE_WORKER_OF=4`: every fourth connection comes to a worker that takes what is new to it, and no change of what it has. */
export function workersOf({ staleWorkerOf }: Defects, open: () => Configuration): Workers {
  const current = open()
  if (staleWorkerOf === 0) return { configuration: current, listener: (answerOf) => answerOf(current, false) }
  const stale = open()
  const configuration: Configuration = {
    ...current,
    replace(snapshot) {
      if (stale.revision() === undefined) stale.replace(snapshot)
      current.replace(snapshot)
    },
    apply(changes) {
      stale.apply(changes.filter((change) => change.kind === 'put' && stale.item(change.item.key) === undefined))
      current.apply(changes)
    },
  }
  return {
    configuration,
    listener: (answerOf) => byConnection([answerOf(configuration, false), answerOf(stale, true)], staleWorkerOf),
  }
}

function byConnection([most, last]: readonly [TrafficListener, TrafficListener], every: number): TrafficListener {
  const workers = new WeakMap<Socket, TrafficListener>()
  let connections = 0
  const workerOf = (socket: Socket): TrafficListener => {
    const known = workers.get(socket)
    if (known !== undefined) return known
    connections += 1
    const worker = connections % every === 0 ? last : most
    workers.set(socket, worker)
    return worker
  }
  return (request, response) => workerOf(request.socket)(request, response)
}
