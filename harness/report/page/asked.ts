// What was asked of a fault beyond its targets, as people say it: with its unit, and without the name of an option.
import { sayLength, sayMemory, sayNumber } from '../say.ts'

type Asked = Readonly<Record<string, string | number>>

const MIB = 2 ** 20

/** How an option is said whose name says no more than its unit does; the others are words as they are: 'direction in'. */
const WORDS: Readonly<Record<string, (value: number) => string>> = {
  byMs: sayLength,
  jitterMs: (value) => `give or take ${sayLength(value)}`,
  downMs: (value) => `down ${sayLength(value)}`,
  upMs: (value) => `up ${sayLength(value)}`,
  bytes: (value) => sayMemory(value / MIB),
  share: (value) => `${sayNumber(value * 100)} %`,
  cores: (value) => `${sayNumber(value)} ${value === 1 ? 'core' : 'cores'}`,
  kbitPerSecond: (value) => `${sayNumber(value)} kbit/s`,
}

/** '100 ms, give or take 20 ms'; empty where nothing was asked. */
export const sayAsked = (asked: Asked): string =>
  Object.entries(asked)
    .filter(([name, value]) => name !== 'jitterMs' || value !== 0)
    .map(([name, value]) => {
      const say = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined
      return say && typeof value === 'number' ? say(value) : `${name} ${value}`
    })
    .join(', ')
