// A process is known where its number counts, and is unknown elsewhere.
import { expect, test } from 'vitest'
import { type Holder, lifeOf, thisProcess } from './holder.ts'

const own = thisProcess()

test.each<[string, Partial<Holder>, string]>([
  ['this process', {}, 'alive'],
  ['one whose number was given to another', { startTicks: '1' }, 'dead'],
  ['one whose number is nobody’s', { pid: 2 ** 22 + 1 }, 'dead'],
  ['one of before this machine began anew', { boot: 'another' }, 'dead'],
  ['one of before this container began anew', { pids: 'pid:[1]' }, 'dead'],
  ['one of another machine', { boot: 'another', host: 'elsewhere' }, 'unknown'],
  ['one of this machine in a container', { pids: 'pid:[1]', host: 'elsewhere' }, 'unknown'],
  ['this one, where the machine was given another name', { host: 'elsewhere' }, 'alive'],
  ['this one, where the kernel told nothing', { boot: '', pids: '', startTicks: 'unknown' }, 'alive'],
])('%s: %j is %s', (_, more, life) => {
  expect(lifeOf({ ...own, ...more })).toBe(life)
})
