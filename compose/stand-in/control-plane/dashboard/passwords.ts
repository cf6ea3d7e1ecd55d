// Passwords and random secrets: how they are made, kept and compared.
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, Buffer>(scrypt)
const KEY_BYTES = 32

/** A salted scrypt hash: 'scrypt$<salt>$<key>', both base64url. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16)
  const key = await derive(password, salt, KEY_BYTES)
  return `scrypt$${salt.toString('base64url')}$${key.toString('base64url')}`
}

/** True when the password made this hash. */
export const matchesHash = async (password: string, hash: string): Promise<boolean> => {
  const [, salt = '', key = ''] = hash.split('$')
  const expected = Buffer.from(key, 'base64url')
  const actual = await derive(password, Buffer.from(salt, 'base64url'), KEY_BYTES)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

const SHORTEST = 12
const KINDS = [
  ['a lower case letter', /[a-z]/],
  ['an upper case letter', /[A-Z]/],
  ['a digit', /[0-9]/],
  ['a sign', /[^A-Za-z0-9]/],
] as const

/** What a new password lacks, in words; '' when nothing. */
export const lackOf = (password: string): string => {
  if (password.length < SHORTEST) return `has ${password.length} characters: at least ${SHORTEST} are needed`
  const missing = KINDS.filter(([, kind]) => !kind.test(password)).map(([words]) => words)
  return missing.length === 0 ? '' : `lacks ${missing.join(' and ')}`
}

/** An opaque random secret of 256 bits, for sessions and tokens. */
export const randomSecret = (): string => randomBytes(32).toString('base64url')

/** What the database keeps of a random secret: whoever reads the table cannot use it. */
export const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
