// PostgreSQL for both programs: the vendor's pool, transactions that know whether they happened, and a health check.
import pg from 'pg'
import { DatabaseAwayError, isAway, isSilence, OutcomeUnknownError, told } from './database-errors.ts'
import { borrowing, type Lend } from './database-pool.ts'

export { DatabaseAwayError, OutcomeUnknownError } from './database-errors.ts'

// int8 arrives as text by default. Revisions and counts stay far below 2^53, so they are numbers here.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** Something that runs SQL: the database itself, or one transaction. */
export interface Statements {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
}

/** The pool. Close it when the program ends. */
export interface Database extends Statements {
  /**
   * Runs `work` in one transaction; commits when it returns, rolls back when it throws. `work` may be run again where
   * PostgreSQL went away before COMMIT was sent, so it does nothing but ask and tell the transaction.
   */
  transaction<Result>(work: (transaction: Statements) => Promise<Result>): Promise<Result>
  /** True when a trivial query came back within `limitMs`. */
  isWell(limitMs: number): Promise<boolean>
  close(): Promise<void>
}

/** What a program may want otherwise than the vendor. */
export interface DatabaseOptions {
  /** A connection lives no longer than that; the vendor's is 1 h. */
  readonly maxLifetimeS?: number
  /** For how long what certainly did not happen is tried again; 0 answers at once. The vendor's timeout is 5 s. */
  readonly retryForMs?: number
}

const TIMEOUT_MS = 5_000
const RETRY_PAUSE_MS = 150

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
export const openDatabase = (
  databaseUrl: string,
  say: (message: string) => void,
  { maxLifetimeS = 3_600, retryForMs = TIMEOUT_MS }: DatabaseOptions = {},
): Database => {
  const pool = new pg.Pool({
    ...connectionOptions(databaseUrl),
    max: 30,
    idleTimeoutMillis: 30_000,
    maxLifetimeSeconds: maxLifetimeS,
  })
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', (error) => say(`An idle database connection broke: ${error.message}`))
  const lend = borrowing(pool)
  return {
    query: (sql, values = []) => retried(retryForMs, () => runStatement(lend, sql, values)),
    transaction: (work) => retried(retryForMs, () => runTransaction(lend, work)),
    isWell: shared((limitMs: number) => answersWithin(lend, limitMs)),
    close: () => pool.end(),
  }
}

/** Tries again what certainly did not happen, until the time is up. */
const retried = async <Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> => {
  const startedAt = performance.now()
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const isOver = performance.now() - startedAt + RETRY_PAUSE_MS > forMs
      if (isOver || !(error instanceof DatabaseAwayError)) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS))
    }
  }
}

const READS = /^\s*(SELECT|SHOW)\b/i

/** A statement of its own commits as it runs: where it writes and no answer comes, nobody knows whether it did. */
const runStatement = <Row>(lend: Lend, sql: string, values: readonly unknown[]): Promise<readonly Row[]> =>
  lend(async (client) => {
    try {
      return (await client.query(sql, [...values])).rows
    } catch (error) {
      throw !READS.test(sql) && isSilence(error) ? new OutcomeUnknownError(error) : told(error)
    }
  })

const runTransaction = <Result>(lend: Lend, work: (transaction: Statements) => Promise<Result>): Promise<Result> =>
  lend(async (client) => {
    const ask = async <Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
      try {
        return (await client.query(sql, [...values])).rows
      } catch (error) {
        throw told(error)
      }
    }
    try {
      await ask('BEGIN')
      const result = await work({ query: ask })
      await commit(client)
      return result
    } catch (error) {
      if (!isAway(error)) await ask('ROLLBACK')
      throw error
    }
  })

const commit = async (client: pg.PoolClient): Promise<void> => {
  const warnings: Error[] = []
  const note = (notice: { readonly severity?: string | undefined; readonly message?: string | undefined }): void => {
    if (notice.severity === 'WARNING') warnings.push(new Error(`PostgreSQL warned at COMMIT: ${notice.message}`))
  }
  client.on('notice', note)
  const said = await answerToCommit(client).finally(() => client.off('notice', note))
  if (said !== 'COMMIT') throw new Error(`The transaction had failed before COMMIT: PostgreSQL said ${said}.`)
  // "canceling wait for synchronous replication": committed here, perhaps nowhere else, and gone after a failover.
  if (warnings[0]) throw new OutcomeUnknownError(warnings[0])
}

const answerToCommit = async (client: pg.PoolClient): Promise<string> => {
  try {
    return (await client.query('COMMIT')).command
  } catch (error) {
    // A refusal with its own SQLSTATE is an answer: the change did not happen. Silence, or an end of the session, is not.
    throw isSilence(error) ? new OutcomeUnknownError(error) : told(error)
  }
}

const answersWithin = async (lend: Lend, limitMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false)
  })
  const answer = runStatement(lend, 'SELECT 1', []).then(
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
