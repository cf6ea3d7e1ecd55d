// One JSON message as etcd's gateway reads it: names in both spellings, int64 as number or text, bytes as base64.
import { EtcdError, GRPC } from './etcd-error.ts'

/** The members of a message. A name is given as etcd's own, snake_case; camelCase is found too. Unknown ones are ignored. */
export interface Message {
  bytes(name: string): Buffer
  /** A whole number; 0 where it is not said. */
  number(name: string): number
  /** An int64 as decimal text, for ids that may be greater than a number can hold. */
  id(name: string): string
  flag(name: string): boolean
  /** One of the names of an enum, given by name or by number; the first where it is not said. */
  choice<const Name extends string>(name: string, names: readonly Name[]): Name | undefined
  choices<const Name extends string>(name: string, names: readonly Name[]): readonly Name[]
  text(name: string): string
  message(name: string): Message | undefined
  messages(name: string): readonly Message[]
  has(name: string): boolean
}

/** Reads a message. Throws EtcdError (InvalidArgument) as soon as a member is asked for that is of another kind. */
export const messageFrom = (value: unknown): Message => {
  const members = membersOf(value)
  const at = (name: string): unknown => members[name] ?? members[camelCase(name)] ?? undefined
  return {
    bytes: (name) => bytesFrom(at(name), name),
    number: (name) => Number(wholeFrom(at(name), name)),
    id: (name) => wholeFrom(at(name), name).toString(),
    flag: (name) => flagFrom(at(name), name),
    choice: (name, names) => choiceFrom(at(name), name, names),
    choices: (name, names) => listFrom(at(name), name).flatMap((each) => choiceFrom(each, name, names) ?? []),
    text: (name) => textFrom(at(name), name),
    message: (name) => (at(name) === undefined ? undefined : messageFrom(at(name))),
    messages: (name) => listFrom(at(name), name).map(messageFrom),
    has: (name) => at(name) !== undefined,
  }
}

/** The JSON values of a body that holds several, one after the other, as a stream of messages does. */
export const valuesIn = (text: string): readonly unknown[] => {
  try {
    return text.trim() === '' ? [] : [JSON.parse(text)]
  } catch (error) {
    const end = endOfFirst(text)
    if (end === undefined || text.slice(end).trim() === '') throw error
    return [JSON.parse(text.slice(0, end)), ...valuesIn(text.slice(end))]
  }
}

const endOfFirst = (text: string): number | undefined => {
  let depth = 0
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token[0] === '{') depth += 1
    if (token[0] === '}') depth -= 1
    if (token[0] === '}' && depth === 0) return token.index + 1
  }
  return undefined
}

const wrong = (name: string, value: unknown, expected: string): EtcdError =>
  new EtcdError(GRPC.invalidArgument, `${name} is ${JSON.stringify(value)?.slice(0, 80)}: expected ${expected}`)

const membersOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
  throw wrong('the message', value, 'a JSON object')
}

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase())

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const bytesFrom = (value: unknown, name: string): Buffer => {
  if (value === undefined) return Buffer.alloc(0)
  if (typeof value === 'string' && BASE64.test(value)) return Buffer.from(value, 'base64')
  throw wrong(name, value, 'bytes in base64')
}

const wholeFrom = (value: unknown, name: string): bigint => {
  if (value === undefined) return 0n
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return BigInt(value)
  throw wrong(name, value, 'a whole number')
}

const flagFrom = (value: unknown, name: string): boolean => {
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw wrong(name, value, 'true or false')
}

const textFrom = (value: unknown, name: string): string => {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  throw wrong(name, value, 'text')
}

const listFrom = (value: unknown, name: string): readonly unknown[] => {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw wrong(name, value, 'a list')
}

const choiceFrom = <Name extends string>(value: unknown, name: string, names: readonly Name[]): Name | undefined => {
  if (value === undefined) return names[0]
  // A number that names nothing is kept by etcd, and then is none of the cases it knows.
  if (typeof value === 'number') return names[value]
  const found = names.find((each) => each === value)
  if (found) return found
  throw wrong(name, value, `one of ${names.join(', ')}`)
}
