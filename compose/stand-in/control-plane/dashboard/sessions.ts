// Sessions of signed-in people, in the store so that they outlive the node that made them.
import type { SessionStore } from '../settings.ts'
import type { Store, User } from '../store.ts'
import { digest, randomSecret } from './passwords.ts'

/** The vendor's session_options_config.max_age. */
export const SESSION_SECONDS = 86_400

/** Makes, finds and ends sessions by their opaque id. */
export interface Sessions {
  begin(user: User): Promise<string>
  find(sessionId: string): Promise<User | undefined>
  end(sessionId: string): Promise<void>
}

/** Sessions where they were asked to be. */
export const openSessions = (store: Store, place: SessionStore): Sessions =>
  place === 'memory' ? sessionsInMemory() : sessionsIn(store)

const sessionsIn = ({ sessions }: Store): Sessions => ({
  async begin(user) {
    const sessionId = randomSecret()
    await sessions.begin(digest(sessionId), user, SESSION_SECONDS)
    return sessionId
  },
  find: (sessionId) => sessions.find(digest(sessionId)),
  end: (sessionId) => sessions.end(digest(sessionId)),
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
