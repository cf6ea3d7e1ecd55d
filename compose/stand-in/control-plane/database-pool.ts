// Lending pooled connections, and only those to the server that is the primary now.
import type pg from 'pg'
import { DatabaseAwayError, isAway } from './database-errors.ts'
import { SERVER_TIMELINE } from './revision.ts'

/** Runs `work` with a connection, which goes back to the pool, or is dropped where it is of no more use. */
export type Lend = <Result>(work: (client: pg.PoolClient) => Promise<Result>) => Promise<Result>

// What is asked here takes a millisecond or two. Compiling a statement first, as PostgreSQL does where it overestimates
// the rows of small young tables, was measured to take 500.
const SERVER = `
SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE ${SERVER_TIMELINE} END AS timeline, set_config('jit', 'off', false)`

/** Lends from a pool. `pool.connect` is all that is asked of it. */
export const borrowing = (pool: Pick<pg.Pool, 'connect'>): Lend => {
  const take = checkout(pool)
  return async (work) => {
    const client = await take()
    let broken: Error | undefined
    const noteBreak = (error: Error): void => {
      broken = error
    }
    client.on('error', noteBreak)
    try {
      return await work(client)
    } catch (error) {
      // A demoted primary refuses writes (25006) and would do so for the rest of this connection's hour.
      if (error instanceof Error && isAway(error)) broken ??= error
      throw error
    } finally {
      client.off('error', noteBreak)
      client.release(broken)
    }
  }
}

/**
 * A server's timeline never changes while a connection to it lives, and every promotion begins a higher one. So each
 * new connection is asked once, a standby is refused, and connections of an older timeline than any seen are dropped:
 * a deposed primary that was frozen or cut off may still answer on them, from the past.
 */
const checkout = (pool: Pick<pg.Pool, 'connect'>): (() => Promise<pg.PoolClient>) => {
  const timelines = new WeakMap<pg.PoolClient, number>()
  let highest = 0
  return async () => {
    for (;;) {
      const client = await pool.connect().catch((error: unknown) => Promise.reject(new DatabaseAwayError(error)))
      const known = timelines.get(client)
      if (known !== undefined && known >= highest) return client
      if (known === undefined) {
        const timeline = await timelineOf(client)
        if (timeline === 0 || timeline < highest) throw dropped(client, timeline, highest)
        timelines.set(client, timeline)
        highest = timeline
        return client
      }
      client.release(new Error('The server of this connection is no longer the primary.'))
    }
  }
}

const timelineOf = async (client: pg.PoolClient): Promise<number> => {
  // A connection that breaks while it is asked says so twice: without a listener the event would end the process.
  const ignore = (): void => undefined
  client.on('error', ignore)
  try {
    const { rows } = await client.query<{ timeline: number }>(SERVER)
    return rows[0]?.timeline ?? 0
  } catch (error) {
    client.release(true)
    throw new DatabaseAwayError(error)
  } finally {
    client.off('error', ignore)
  }
}

const dropped = (client: pg.PoolClient, timeline: number, highest: number): DatabaseAwayError => {
  const what = timeline === 0 ? 'a standby' : `a primary of timeline ${timeline}, deposed by timeline ${highest}`
  const error = new Error(`The database at the other end is ${what}. Waiting for the way to lead to the primary.`)
  client.release(error)
  return new DatabaseAwayError(error)
}
