// The tokens of /v3/auth/authenticate: signed and stateless, so that every DP Manager accepts what one has given out.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { matchesHash } from '../dashboard/passwords.ts'
import type { Database } from '../database.ts'
import { refused } from './etcd-error.ts'

/** Gateways keep a token for three to four minutes and do not ask for a new one before, so it has to last longer. */
const LASTS_MS = 600_000

/** A token for a user of the control plane. Throws what etcd throws when the name or the password is wrong. */
export const authenticate = async (
  database: Database,
  secret: string,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<string> => {
  const [user] = await database.query<{ hash: string }>('SELECT password_hash AS hash FROM users WHERE username = $1', [
    name,
  ])
  if (!user || !(await matchesHash(password, user.hash))) throw refused.wrongPassword()
  return tokenOf(secret, name, Date.now() + LASTS_MS)
}

/** True when the token's user may see and write everything. Throws EtcdError for a token nobody gave out, or too old. */
export const isOperator = async (database: Database, secret: string, token: string): Promise<boolean> => {
  const name = nameIn(secret, token, Date.now())
  const [user] = await database.query<{ roles: readonly string[] }>('SELECT roles FROM users WHERE username = $1', [
    name,
  ])
  if (!user) throw refused.invalidToken()
  return user.roles.includes('super_admin_id')
}

/** '<name and expiry>.<signature>', both base64url. */
export const tokenOf = (secret: string, name: string, expiresAtMs: number): string => {
  const claim = Buffer.from(JSON.stringify([name, expiresAtMs])).toString('base64url')
  return `${claim}.${signatureOf(secret, claim).toString('base64url')}`
}

const nameIn = (secret: string, token: string, nowMs: number): string => {
  const [claim = '', signature = ''] = token.split('.')
  const [given, expected] = [Buffer.from(signature, 'base64url'), signatureOf(secret, claim)]
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refused.invalidToken()
  const [name, expiresAtMs] = JSON.parse(Buffer.from(claim, 'base64url').toString()) as [string, number]
  if (expiresAtMs <= nowMs) throw refused.invalidToken()
  return name
}

// The same secret signs cookies; a text of its own keeps the one from being taken for the other.
const signatureOf = (secret: string, claim: string): Buffer =>
  createHmac('sha256', secret).update(`dp-manager token ${claim}`).digest()
