// Users in etcd. There are few of them, so they are read all at once and looked through.
import { RefusedError } from '../dashboard/refused.ts'
import type { Deed, StoredUser, User, Users } from '../store.ts'
import { note } from './audit.ts'
import { contentOf, type Draft } from './changes.ts'
import type { Etcd } from './etcd.ts'
import { type Entry, prefixRange } from './messages.ts'

export const usersIn = (etcd: Etcd): Users => ({
  find: async (username) => (await allUsers(etcd)).find((user) => user.username === username),
  async list({ limit, offset }) {
    const users = [...(await allUsers(etcd))].sort((one, other) => (one.username < other.username ? -1 : 1))
    return { list: users.slice(offset, offset + limit), total: users.length }
  },
  setPassword: (userId, passwordHash) =>
    etcd.changes.make(async (draft) => {
      const user = await readUser(etcd, draft, userId)
      draft.put(etcd.keys.user(userId), { ...user, passwordHash, hasDefaultPassword: false })
    }),
  add: (wanted, operator) =>
    etcd.changes.make(async (draft) => {
      const users = await draft.list<StoredUser>(etcd.keys.users)
      if ([...users.values()].some(({ username }) => username === wanted.username)) {
        throw new RefusedError(400, `a user named ${wanted.username} is already there`)
      }
      const user: StoredUser = { ...wanted, roles: [], hasDefaultPassword: true }
      draft.put(etcd.keys.user(user.id), user)
      await note(etcd, draft, operator, [deedOn('create', user)])
      return user
    }),
  assignRoles: (userId, roles, operator) =>
    etcd.changes.make(async (draft) => {
      const user = { ...(await readUser(etcd, draft, userId)), roles }
      draft.put(etcd.keys.user(userId), user)
      await note(etcd, draft, operator, [deedOn('update', user)])
    }),
  remove: (userId, operator) =>
    etcd.changes.make(async (draft) => {
      const user = await readUser(etcd, draft, userId)
      draft.remove(etcd.keys.user(userId))
      // Sessions are worth nothing without their user and end with their leases; tokens may have no end.
      const tokens = await draft.list<{ userId: string }>(etcd.keys.tokens)
      for (const [key, token] of tokens) if (token.userId === userId) draft.remove(key)
      await note(etcd, draft, operator, [deedOn('delete', user)])
    }),
})

/** The users among entries that are all of them. */
export const usersAmong = (entries: readonly Entry[]): readonly StoredUser[] =>
  entries.map((entry) => contentOf<StoredUser>(entry))

const allUsers = async ({ client, keys }: Etcd): Promise<readonly StoredUser[]> =>
  usersAmong((await client.range(prefixRange(keys.users))).entries)

const readUser = async ({ keys }: Etcd, draft: Draft, userId: string): Promise<StoredUser> => {
  const user = await draft.get<StoredUser>(keys.user(userId))
  if (user) return user
  throw new RefusedError(404, `user ${userId} is not there`)
}

const deedOn = (action: string, { id, username }: User): Deed => ({
  action,
  resource_type: 'user',
  resource_id: id,
  resource_name: username,
  gateway_group_id: null,
})
