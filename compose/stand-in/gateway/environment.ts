// How a gateway reads one variable of its environment: numbers, words out of a list, PEM text.

export type Environment = Readonly<Record<string, string | undefined>>

/** A whole number of at least 0, or what is taken when the variable is not set. */
export function count(environment: Environment, name: string, otherwise: number): number {
  const text = environment[name]
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`${name} is ${text}, expected a whole number of at least 0`)
  return value
}

/** One of the allowed words; the first one when the variable is not set. */
export function oneOf<const T extends string>(
  environment: Environment,
  name: string,
  allowed: readonly [T, ...T[]],
): T {
  const text = environment[name] || allowed[0]
  const found = allowed.find((value) => value === text)
  if (found === undefined) throw new Error(`${name} is ${text}, expected one of ${allowed.join(', ')}`)
  return found
}

/** The first of several names of one thing that says something: the vendor renamed its variables, and reads both. */
export function firstOf(environment: Environment, names: readonly string[]): string | undefined {
  const name = names.find((candidate) => environment[candidate])
  return name === undefined ? undefined : environment[name]
}

/** A variable that has to be there. Its value is never part of the error: it may be a secret. */
export function needed(environment: Environment, name: string, because: string): string {
  const text = environment[name]
  if (text === undefined || text === '') throw new Error(`${name} is not set, and ${because}`)
  return text
}

/** PEM text out of a variable; Compose files that hold it on one line write its line ends as `\n`. */
export function pemOf(environment: Environment, names: readonly string[]): string | undefined {
  return firstOf(environment, names)?.replaceAll('\\n', '\n')
}
