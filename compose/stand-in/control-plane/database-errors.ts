// What can go wrong on the way to PostgreSQL, sorted by the one question that matters: did it happen?
import pg from 'pg'

/** PostgreSQL did not answer, and what was asked for did not happen (or was only a read). */
export class DatabaseAwayError extends Error {
  constructor(cause: unknown) {
    super('The database cannot be reached; nothing was changed. Try again when it is back.', { cause })
    this.name = 'DatabaseAwayError'
  }
}

/** A commit was sent and no sure answer came: the change may have been made or not. It is never retried silently. */
export class OutcomeUnknownError extends Error {
  constructor(cause: unknown) {
    super('outcome unknown: the database went away during COMMIT. Read the object before changing it again.', { cause })
    this.name = 'OutcomeUnknownError'
  }
}

// 08 connection, 53 too many connections or out of space, 57P shutting down or starting, 55P03 a lock not got in
// time, 25P03 an idle transaction ended, 25006 a primary that has become a standby, 40 a conflict of transactions.
const AWAY = /^(08...|53...|57P..|55P03|25P03|25006|40...)$/
/** The session ended: what it had under way was not answered. */
const ENDED = /^(08...|57P..)$/

/** Anything that is not an answer of PostgreSQL's own comes from the way to it: refused, reset, timed out, terminated. */
export const isAway = (error: unknown): boolean => {
  if (error instanceof DatabaseAwayError || error instanceof OutcomeUnknownError) return true
  return error instanceof pg.DatabaseError && AWAY.test(error.code ?? '')
}

/** True where PostgreSQL gave no answer to what was sent. */
export const isSilence = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ? ENDED.test(error.code ?? '') : error instanceof Error

/** The error of a statement, as a DatabaseAwayError where the way to PostgreSQL is what failed. */
export const told = (error: unknown): unknown =>
  isAway(error) || isSilence(error) ? new DatabaseAwayError(error) : error
