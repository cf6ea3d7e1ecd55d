// Sessions and tokens in etcd, under their users' names for them. Leases end what expires.
import { RefusedError } from '../dashboard/refused.ts'
import type { KeptToken, Sessions, Tokens, User } from '../store.ts'
import { contentOf } from './changes.ts'
import { type Etcd, nowSeconds } from './etcd.ts'
import { deadline, EtcdRejectedError } from './etcd-client.ts'
import { keyRange, prefixRange } from './messages.ts'
import { grantLease } from './rotating-lease.ts'
import { usersAmong } from './users.ts'

/** Whose a session or a token is. A lease may last longer than asked for, so the end is kept beside it. */
interface Owned {
  readonly userId: string
  /** Epoch seconds; 0 means never. */
  readonly expiresAt: number
}

/** The lease only clears away what has expired: it must not end before the key is put, nor by a clock that is ahead. */
const SPARE_SECONDS = 60

type StoredToken = Owned & KeptToken

export const sessionsIn = (etcd: Etcd): Sessions => ({
  async begin(digest, user, seconds) {
    const lease = await grantLease(etcd.client, seconds + SPARE_SECONDS)
    const session: Owned = { userId: user.id, expiresAt: Math.ceil(Date.now() / 1_000) + seconds }
    await etcd.changes.make(async (draft) => draft.put(etcd.keys.session(digest), session, lease))
  },
  find: (digest) => ownerOf(etcd, etcd.keys.session(digest)),
  end: (digest) => endWithLease(etcd, etcd.keys.session(digest)),
})

export const tokensIn = (etcd: Etcd): Tokens => ({
  async list(user) {
    const { entries } = await etcd.client.range(prefixRange(etcd.keys.tokens))
    const inOrder = [...entries].sort((one, other) => one.createRevision - other.createRevision)
    const own = inOrder.map((entry) => contentOf<StoredToken>(entry)).filter(({ userId }) => userId === user.id)
    return own.map(({ userId: _userId, ...token }) => token)
  },
  async remove(id, user) {
    await etcd.changes.make(async (draft) => {
      const tokens = await draft.list<StoredToken>(etcd.keys.tokens)
      const [key] = [...tokens].find(([, token]) => token.id === id && token.userId === user.id) ?? []
      if (!key) throw new RefusedError(404, `token ${id} is not there`)
      draft.remove(key)
    })
  },
  async keep({ id, name, digest, expiresAt }, user) {
    const token: StoredToken = { id, name, userId: user.id, createdAt: nowSeconds(), expiresAt }
    const lease =
      expiresAt === 0 ? undefined : await grantLease(etcd.client, Math.max(0, expiresAt - nowSeconds()) + SPARE_SECONDS)
    await etcd.changes.make(async (draft) => draft.put(etcd.keys.token(digest), token, lease))
  },
  findUser: (digest) => ownerOf(etcd, etcd.keys.token(digest)),
})

const ownerOf = async ({ client, keys }: Etcd, key: string): Promise<User | undefined> => {
  const [found, users] = await client.ranges([keyRange(key), prefixRange(keys.users)])
  const [entry] = found?.entries ?? []
  const owned = entry && contentOf<Owned>(entry)
  if (!owned || (owned.expiresAt !== 0 && owned.expiresAt <= nowSeconds())) return undefined
  const user = usersAmong(users?.entries ?? []).find(({ id }) => id === owned.userId)
  return user && { id: user.id, username: user.username, roles: user.roles }
}

/** Ends the lease and with it the key: neither is left behind. May be repeated: what is gone stays gone. */
const endWithLease = async ({ client }: Etcd, key: string): Promise<void> => {
  const [entry] = (await client.range(keyRange(key))).entries
  if (!entry) return
  await client.repeat('/v3/lease/revoke', { ID: entry.lease }, deadline()).catch((error: unknown) => {
    if (!(error instanceof EtcdRejectedError) || !/lease not found/.test(error.message)) throw error
  })
}
