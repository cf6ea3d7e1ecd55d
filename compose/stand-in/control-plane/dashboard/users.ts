// Users and their tokens: checking a password or a token, changing the one and making the other.
import { randomUUID } from 'node:crypto'
import type { Database } from '../database.ts'
import { digest, hashPassword, matchesHash, randomSecret } from './passwords.ts'
import { RefusedError } from './refused.ts'
import type { User } from './sessions.ts'

/** A user whose password was right, and whether it is still the one every installation begins with. */
export interface CheckedUser extends User {
  readonly hasDefaultPassword: boolean
}

interface UserRow {
  readonly id: string
  readonly username: string
  readonly password_hash: string
  readonly has_default_password: boolean
}

export interface NewToken {
  readonly id: string
  readonly name: string
  readonly token: string
  readonly expires_at: number
}

const SHORTEST_PASSWORD = 12
/** scrypt is slow on purpose, and HTTP Basic asks at every call, so right answers are remembered by digest. */
const REMEMBERED = 1_000
const right = new Set<string>()

/** The user with this name and password; undefined when either is wrong. */
export const checkPassword = async (
  database: Database,
  username: string,
  password: string,
): Promise<CheckedUser | undefined> => {
  const [row] = await database.query<UserRow>('SELECT * FROM users WHERE username = $1', [username])
  if (!row || !(await isRight(password, row.password_hash))) return undefined
  return { id: row.id, username: row.username, hasDefaultPassword: row.has_default_password }
}

const isRight = async (password: string, hash: string): Promise<boolean> => {
  const answer = digest(`${hash} ${password}`)
  if (right.has(answer)) return true
  if (!(await matchesHash(password, hash))) return false
  if (right.size >= REMEMBERED) right.clear()
  right.add(answer)
  return true
}

/** Sets a new password. Throws RefusedError when the old one is wrong or the new one too short. */
export const changePassword = async (
  database: Database,
  user: User,
  { oldPassword, newPassword }: { readonly oldPassword: string | undefined; readonly newPassword: string },
): Promise<void> => {
  if (newPassword.length < SHORTEST_PASSWORD) {
    throw new RefusedError(
      400,
      `new_password has ${newPassword.length} characters: at least ${SHORTEST_PASSWORD} are needed`,
    )
  }
  if (oldPassword !== undefined && !(await checkPassword(database, user.username, oldPassword))) {
    throw new RefusedError(400, 'old_password is not the current password')
  }
  const hash = await hashPassword(newPassword)
  await database.transaction((transaction) =>
    transaction.query('UPDATE users SET password_hash = $2, has_default_password = false WHERE id = $1', [
      user.id,
      hash,
    ]),
  )
}

/** Makes a token for X-API-KEY. `expiresAt` is in epoch seconds; 0 means never. Its text is shown this once. */
export const makeToken = async (
  database: Database,
  user: User,
  { name, expiresAt }: { readonly name: string; readonly expiresAt: number },
): Promise<NewToken> => {
  const made = { id: randomUUID(), name, token: `a7ee-${randomSecret()}`, expires_at: expiresAt }
  await database.transaction((transaction) =>
    transaction.query(
      `INSERT INTO tokens (id, name, token_hash, user_id, expires_at)
       VALUES ($1, $2, $3, $4, CASE WHEN $5::float8 = 0 THEN NULL ELSE to_timestamp($5::float8) END)`,
      [made.id, name, digest(made.token), user.id, expiresAt],
    ),
  )
  return made
}

/** The user a token belongs to; undefined when there is none or it has expired. */
export const userOfToken = async (database: Database, token: string): Promise<User | undefined> => {
  const [user] = await database.query<User>(
    `SELECT users.id, users.username FROM tokens JOIN users ON users.id = tokens.user_id
     WHERE token_hash = $1 AND (expires_at IS NULL OR expires_at > now())`,
    [digest(token)],
  )
  return user
}
