// Users, their sessions and their tokens in PostgreSQL.

import { RefusedError } from '../dashboard/refused.ts'
import type { Database } from '../database.ts'
import type { Deed, KeptToken, Sessions, StoredUser, Tokens, User, Users } from '../store.ts'
import { note } from './audit.ts'

const MEMBERS = `id, username, roles, password_hash AS "passwordHash", has_default_password AS "hasDefaultPassword"`

export const usersIn = (database: Database): Users => ({
  async find(username) {
    const [user] = await database.query<StoredUser>(`SELECT ${MEMBERS} FROM users WHERE username = $1`, [username])
    return user
  },
  async setPassword(userId, passwordHash) {
    await database.transaction((transaction) =>
      transaction.query('UPDATE users SET password_hash = $2, has_default_password = false WHERE id = $1', [
        userId,
        passwordHash,
      ]),
    )
  },
  async list({ limit, offset }) {
    const [count] = await database.query<{ total: number }>('SELECT count(*) AS total FROM users')
    const list = await database.query<StoredUser>(
      `SELECT ${MEMBERS} FROM users ORDER BY username COLLATE "C" LIMIT $1 OFFSET $2`,
      [limit, offset],
    )
    return { list, total: count?.total ?? 0 }
  },
  add: ({ id, username, passwordHash }, operator) =>
    database.transaction(async (transaction) => {
      const [user] = await transaction.query<StoredUser>(
        `INSERT INTO users (id, username, password_hash, has_default_password) VALUES ($1, $2, $3, true)
         ON CONFLICT (username) DO NOTHING RETURNING ${MEMBERS}`,
        [id, username, passwordHash],
      )
      if (!user) throw new RefusedError(400, `a user named ${username} is already there`)
      await note(transaction, operator, deedOn('create', user))
      return user
    }),
  assignRoles: (userId, roles, operator) =>
    database.transaction(async (transaction) => {
      const [user] = await transaction.query<StoredUser>(
        `UPDATE users SET roles = $2 WHERE id = $1 RETURNING ${MEMBERS}`,
        [userId, roles],
      )
      if (!user) throw new RefusedError(404, `user ${userId} is not there`)
      await note(transaction, operator, deedOn('update', user))
    }),
  remove: (userId, operator) =>
    database.transaction(async (transaction) => {
      const [user] = await transaction.query<StoredUser>(`DELETE FROM users WHERE id = $1 RETURNING ${MEMBERS}`, [
        userId,
      ])
      if (!user) throw new RefusedError(404, `user ${userId} is not there`)
      await note(transaction, operator, deedOn('delete', user))
    }),
})

const deedOn = (action: string, { id, username }: User): Deed => ({
  action,
  resource_type: 'user',
  resource_id: id,
  resource_name: username,
  gateway_group_id: null,
})

export const sessionsIn = (database: Database): Sessions => ({
  async begin(digest, user, seconds) {
    await database.query(
      `INSERT INTO sessions (id_hash, user_id, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))`,
      [digest, user.id, seconds],
    )
    await database.query('DELETE FROM sessions WHERE expires_at < now()')
  },
  async find(digest) {
    const [user] = await database.query<User>(
      `SELECT users.id, users.username, users.roles FROM sessions JOIN users ON users.id = sessions.user_id
       WHERE sessions.id_hash = $1 AND sessions.expires_at > now()`,
      [digest],
    )
    return user
  },
  async end(digest) {
    await database.query('DELETE FROM sessions WHERE id_hash = $1', [digest])
  },
})

export const tokensIn = (database: Database): Tokens => ({
  list: (user) =>
    database.query<KeptToken>(
      `SELECT id, name, floor(extract(epoch FROM created_at))::int8 AS "createdAt",
         coalesce(floor(extract(epoch FROM expires_at))::int8, 0) AS "expiresAt"
       FROM tokens WHERE user_id = $1 ORDER BY created_at, id`,
      [user.id],
    ),
  async remove(id, user) {
    const removed = await database.transaction((transaction) =>
      transaction.query('DELETE FROM tokens WHERE id = $1 AND user_id = $2 RETURNING id', [id, user.id]),
    )
    if (removed.length === 0) throw new RefusedError(404, `token ${id} is not there`)
  },
  async keep({ id, name, digest, expiresAt }, user) {
    await database.transaction((transaction) =>
      transaction.query(
        `INSERT INTO tokens (id, name, token_hash, user_id, expires_at)
         VALUES ($1, $2, $3, $4, CASE WHEN $5::float8 = 0 THEN NULL ELSE to_timestamp($5::float8) END)`,
        [id, name, digest, user.id, expiresAt],
      ),
    )
  },
  async findUser(digest) {
    const [user] = await database.query<User>(
      `SELECT users.id, users.username, users.roles FROM tokens JOIN users ON users.id = tokens.user_id
       WHERE token_hash = $1 AND (expires_at IS NULL OR expires_at > now())`,
      [digest],
    )
    return user
  },
})
