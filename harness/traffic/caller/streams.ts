// The connections of a lane that speaks HTTP/2: calls share one, and the next takes another where that is going away or silent.
import type { Connections } from './connections.ts'
import { type Asked, Line } from './line.ts'
import type { LaneOrder } from './protocol.ts'

/**
 * undici's own HTTP/2 client sends a call again by itself when its stream was refused, a POST too, and keeps a connection on
 * which nothing is answered any more for as long as TCP does: here a call is sent once, and such a connection is left.
 */
export const openStreams = (order: LaneOrder, address: string, now: () => number): Connections => {
  const lines = new Set<Line>()
  let isFresh = false
  const fresh = (start: () => void): void => {
    isFresh = true
    start()
    isFresh = false
  }
  const connect = (): Line => {
    const line = new Line(order, address, { nowMs: now(), fresh, ended: (gone) => lines.delete(gone) })
    lines.add(line)
    return line
  }
  const carryApart = (asked: Asked): void => {
    const line = connect()
    line.carry(asked)
    line.spend()
  }
  return {
    dispatch: (request, call) => {
      if (request.reset === true) carryApart({ request, call })
      else ([...lines].find((line) => line.hasRoom(now())) ?? connect()).carry({ request, call })
    },
    dispatchApart: (request, call) => carryApart({ request, call }),
    isFresh: () => isFresh,
    // Over HTTP/2 every body says where it ends.
    isBreaking: () => false,
    expire: (nowMs) => {
      for (const line of lines)
        if (!line.isMade && nowMs - line.startedMs >= order.deadlineMs)
          line.end(new Error('not connected within the deadline'))
    },
    destroy: async () => {
      for (const line of lines) line.end()
    },
  }
}
