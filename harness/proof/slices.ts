// What a long proof or bench has shown so far, kept in a file, a line of JSON each, so that it can be done in slices.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** Everything that a file holds, oldest first; nothing where there is none, or none is asked for. */
export const keptIn = <T>(file: string | null): readonly T[] =>
  file !== null && existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T)
    : []

/** Adds one to it, where it is asked for. */
export const keep = (file: string | null, slice: unknown): void => {
  if (file !== null) appendFileSync(file, `${JSON.stringify(slice)}\n`)
}
