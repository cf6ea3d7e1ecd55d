// Sessions of signed-in people, in the database so that they outlive the node that made them.
import type { Database } from '../database.ts'
import type { SessionStore } from '../settings.ts'
import { digest, randomSecret } from './passwords.ts'

/** The vendor's session_options_config.max_age. */
export const SESSION_SECONDS = 86_400

/** Whoever is signed in. */
export interface User {
  readonly id: string
  readonly username: string
}

/** Makes, finds and ends sessions by their opaque id. */
export interface Sessions {
  begin(user: User): Promise<string>
  find(sessionId: string): Promise<User | undefined>
  end(sessionId: string): Promise<void>
}

/** Sessions in the store that was asked for. */
export const openSessions = (database: Database, store: SessionStore): Sessions =>
  store === 'memory' ? sessionsInMemory() : sessionsInDatabase(database)

const sessionsInDatabase = (database: Database): Sessions => ({
  async begin(user) {
    const sessionId = randomSecret()
    await database.query(
      `INSERT INTO sessions (id_hash, user_id, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))`,
      [digest(sessionId), user.id, SESSION_SECONDS],
    )
    await database.query('DELETE FROM sessions WHERE expires_at < now()')
    return sessionId
  },
  async find(sessionId) {
    const [user] = await database.query<User>(
      `SELECT users.id, users.username FROM sessions JOIN users ON users.id = sessions.user_id
       WHERE sessions.id_hash = $1 AND sessions.expires_at > now()`,
      [digest(sessionId)],
    )
    return user
  },
  async end(sessionId) {
    await database.query('DELETE FROM sessions WHERE id_hash = $1', [digest(sessionId)])
  },
})

/** The planted defect SESSION_STORE=memory: another node, or this one after a restart, knows nothing of these. */
const sessionsInMemory = (): Sessions => {
  const users = new Map<string, User>()
  return {
    async begin(user) {
      const sessionId = randomSecret()
      users.set(sessionId, user)
      return sessionId
    },
    find: async (sessionId) => users.get(sessionId),
    async end(sessionId) {
      users.delete(sessionId)
    },
  }
}
