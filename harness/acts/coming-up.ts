// Waiting for a node that was started: until it takes connections, and until it says that it is ready. Running out is no error.
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../time/clock.ts'
import { toMs } from '../time/duration.ts'
import { CALLED_PATH } from '../topology/called-route.ts'
import { type Node, urlOf } from '../topology/topology.ts'
import type { Callers } from '../traffic/callers.ts'
import type { InsideAnswer } from '../traffic/inside.ts'

const LIMIT_MS = toMs('60s')
/** A gateway that is ready serves at once; where nobody can ask whether it is, it has yet to read what it serves. */
const SERVES_LIMIT_MS = toMs('20s')
const LOOK_LIMIT_MS = { connection: 250, answer: 500 }
const NEXT_LOOK_MS = 20

export interface ComingUp {
  /** Every port of the node takes connections again, from inside; nothing is said of its readiness. */
  readonly listens: (node: Node) => Promise<void>
  /** Its status port says that it is ready. */
  readonly saysReady: (node: Node) => Promise<void>
  /** How the gateway itself first answers well what callers ask for; null where it does not, or its time is over. */
  readonly serves: (node: Node) => Promise<Pick<InsideAnswer, 'headers'> | null>
}

/** Looks from inside the deployment's network. */
export const comingUp = ({
  callers,
  clock,
}: {
  readonly callers: Pick<Callers, 'connect' | 'get'>
  readonly clock: Clock
}): ComingUp => {
  const until = async (look: () => Promise<boolean>, end: number): Promise<void> => {
    while (!(await look()) && clock.now() < end) await wait(NEXT_LOOK_MS)
  }
  return {
    listens: async (node) => {
      const end = clock.now() + LIMIT_MS
      for (const { address, ports } of node.containers)
        for (const { inside } of Object.values(ports))
          await until(
            async () => (await callers.connect(address, inside, LOOK_LIMIT_MS.connection)).outcome === 'connected',
            end,
          )
    },
    saysReady: async (node) => {
      const url = urlOf(node, 'status', '/status/ready')
      if (url === null) return
      const isReady = async () => (await callers.get(url, { timeoutMs: LOOK_LIMIT_MS.answer })).status === 200
      await until(isReady, clock.now() + LIMIT_MS)
    },
    serves: async (node) => {
      const url = urlOf(node, 'http', CALLED_PATH)
      if (url === null) return null
      let served: InsideAnswer | null = null
      const looks = async () => {
        const answer = await callers.get(url, { timeoutMs: LOOK_LIMIT_MS.answer })
        if (answer.ok && answer.status === 200) served = answer
        return served !== null
      }
      await until(looks, clock.now() + SERVES_LIMIT_MS)
      return served
    },
  }
}
