// Users and their tokens: checking a password or a token, changing the one and making the other.
import { randomUUID } from 'node:crypto'
import type { Operator, Store, StoredUser, User } from '../store.ts'
import { digest, hashPassword, lackOf, matchesHash, randomSecret } from './passwords.ts'
import { RefusedError } from './refused.ts'

export interface MadeToken {
  readonly id: string
  readonly name: string
  readonly token: string
  readonly expires_at: number
}

/** scrypt is slow on purpose, and HTTP Basic asks at every call, so right answers are remembered by digest. */
const REMEMBERED = 1_000
const right = new Set<string>()

/** The user with this name and password; undefined when either is wrong. */
export const checkPassword = async (
  { users }: Store,
  username: string,
  password: string,
): Promise<StoredUser | undefined> => {
  const user = await users.find(username)
  return user && (await isRight(password, user.passwordHash)) ? user : undefined
}

const isRight = async (password: string, hash: string): Promise<boolean> => {
  const answer = digest(`${hash} ${password}`)
  if (right.has(answer)) return true
  if (!(await matchesHash(password, hash))) return false
  if (right.size >= REMEMBERED) right.clear()
  right.add(answer)
  return true
}

/** Sets a new password. Throws RefusedError when the old one is wrong, or the new one too short or too simple. */
export const changePassword = async (
  store: Store,
  { username }: User,
  { oldPassword, newPassword }: { readonly oldPassword: string | undefined; readonly newPassword: string },
): Promise<void> => {
  const lack = lackOf(newPassword)
  if (lack) throw new RefusedError(400, `new_password ${lack}`)
  const user = await store.users.find(username)
  if (!user) throw new RefusedError(401, 'this user is no longer there')
  // Whoever holds a session need not say the default password again, as at the first sign-in; any other one, yes.
  const mustSayOld = oldPassword !== undefined || !user.hasDefaultPassword
  if (mustSayOld && !(await isRight(oldPassword ?? '', user.passwordHash)))
    throw new RefusedError(400, 'old_password is not the current password')
  await store.users.setPassword(user.id, await hashPassword(newPassword))
}

/** Makes a token for X-API-KEY. `expiresAt` is in epoch seconds; 0 means never. Its text is shown this once. */
export const makeToken = async (
  { tokens }: Store,
  user: User,
  { name, expiresAt }: { readonly name: string; readonly expiresAt: number },
): Promise<MadeToken> => {
  const made = { id: randomUUID(), name, token: `a7ee-${randomSecret()}`, expires_at: expiresAt }
  await tokens.keep({ id: made.id, name, digest: digest(made.token), expiresAt }, user)
  return made
}

/** The user a token belongs to; undefined when there is none or it has expired. */
export const userOfToken = ({ tokens }: Store, token: string): Promise<User | undefined> =>
  tokens.findUser(digest(token))

/** Adds somebody who signs in with this password and is to change it then. The vendor takes any text for it. */
export const inviteUser = async (
  { users }: Store,
  { username, password }: { readonly username: string; readonly password: string },
  operator: Operator,
): Promise<StoredUser> =>
  await users.add({ id: randomUUID(), username, passwordHash: await hashPassword(password) }, operator)
