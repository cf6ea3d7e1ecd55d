// PostgreSQL for both programs: the vendor's pool, transactions that know whether they happened, and a health check.
import pg from 'pg'

// int8 arrives as text by default. Revisions and counts stay far below 2^53, so they are numbers here.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** PostgreSQL did not answer, and what was asked for did not happen (or was only a read). */
export class DatabaseAwayError extends Error {
  constructor(cause: unknown) {
    super('The database cannot be reached; nothing was changed. Try again when it is back.', { cause })
    this.name = 'DatabaseAwayError'
  }
}

/** COMMIT was sent and no answer came: the change may have been made or not. It must never be retried silently. */
export class OutcomeUnknownError extends Error {
  constructor(cause: unknown) {
    super('outcome unknown: the database went away during COMMIT. Read the object before changing it again.', { cause })
    this.name = 'OutcomeUnknownError'
  }
}

/** Something that runs SQL: the database itself, or one transaction. */
export interface Statements {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
}

/** The pool. Close it when the program ends. */
export interface Database extends Statements {
  /** Runs `work` in one transaction; commits when it returns, rolls back when it throws. */
  transaction<Result>(work: (transaction: Statements) => Promise<Result>): Promise<Result>
  /** True when a trivial query came back within `limitMs`. */
  isWell(limitMs: number): Promise<boolean>
  close(): Promise<void>
}

const TIMEOUT_MS = 5_000

/** What every connection of ours has in common, pooled or listening. */
export const connectionOptions = (databaseUrl: string): pg.ClientConfig => ({
  connectionString: databaseUrl,
  connectionTimeoutMillis: TIMEOUT_MS,
  query_timeout: TIMEOUT_MS,
  // A node that is paused or cut off in the middle of a transaction must not hold the revision counter for long.
  // There is no statement_timeout: it would end a COMMIT's wait for the standby and report a success that is not one.
  idle_in_transaction_session_timeout: TIMEOUT_MS,
  lock_timeout: TIMEOUT_MS - 1_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
})

/** Opens the pool with the vendor's limits. Connects only when asked something. */
export const openDatabase = (databaseUrl: string, say: (message: string) => void): Database => {
  const pool = new pg.Pool({
    ...connectionOptions(databaseUrl),
    max: 30,
    idleTimeoutMillis: 30_000,
    maxLifetimeSeconds: 3_600,
  })
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', (error) => say(`An idle database connection broke: ${error.message}`))
  return {
    query: (sql, values = []) => rowsOf(pool.query(sql, [...values])),
    transaction: (work) => runTransaction(pool, work),
    isWell: shared((limitMs: number) => answersWithin(pool, limitMs)),
    close: () => pool.end(),
  }
}

const runTransaction = async <Result>(
  pool: pg.Pool,
  work: (transaction: Statements) => Promise<Result>,
): Promise<Result> => {
  const client = await pool.connect().catch((error: unknown) => Promise.reject(told(error)))
  let broken: Error | undefined
  const noteBreak = (error: Error): void => {
    broken = error
  }
  client.on('error', noteBreak)
  try {
    await rowsOf(client.query('BEGIN'))
    const result = await work({ query: (sql, values = []) => rowsOf(client.query(sql, [...values])) })
    await commit(client)
    return result
  } catch (error) {
    broken ??= await undo(client, error)
    throw error
  } finally {
    client.off('error', noteBreak)
    client.release(broken)
  }
}

const commit = async (client: pg.PoolClient): Promise<void> => {
  try {
    await client.query('COMMIT')
  } catch (error) {
    // A refusal with its own SQLSTATE is an answer: the change did not happen. Silence, or an end of the session, is not.
    throw isAway(error) ? new OutcomeUnknownError(error) : error
  }
}

/** Rolls back where the connection still works, and returns the error that makes the pool drop it where it does not. */
const undo = async (client: pg.PoolClient, error: unknown): Promise<Error | undefined> => {
  if (error instanceof DatabaseAwayError || error instanceof OutcomeUnknownError) return error
  return await client.query('ROLLBACK').then(
    () => undefined,
    (failure: Error) => failure,
  )
}

const rowsOf = async <Row>(result: Promise<pg.QueryResult>): Promise<readonly Row[]> => {
  try {
    return (await result).rows
  } catch (error) {
    throw told(error)
  }
}

const told = (error: unknown): unknown => (isAway(error) ? new DatabaseAwayError(error) : error)

// 08 connection, 53 too many connections or out of space, 57P shutting down or starting, 55P03 a lock not got in
// time, 25P03 an idle transaction ended, 25006 a primary that has become a standby, 40 a conflict of transactions.
const AWAY = /^(08...|53...|57P..|55P03|25P03|25006|40...)$/

/** Anything that is not an answer of PostgreSQL's own comes from the way to it: refused, reset, timed out, terminated. */
const isAway = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ? AWAY.test(error.code ?? '') : error instanceof Error

const answersWithin = async (pool: pg.Pool, limitMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false)
  })
  const answer = pool.query('SELECT 1').then(
    () => true,
    () => false,
  )
  return await Promise.race([answer, limit]).finally(() => clearTimeout(timer))
}

/** Callers that ask while an answer is under way share it: a hanging database must not fill the pool with checks. */
const shared = <Argument, Result>(ask: (argument: Argument) => Promise<Result>) => {
  let underWay: Promise<Result> | undefined
  return (argument: Argument): Promise<Result> => {
    underWay ??= ask(argument).finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
