import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { numbersIn } from './database-pair.ts'

test('a number whose line comes in two parts is one number', async () => {
  const stream = new PassThrough()
  const said = numbersIn(stream)
  for (const part of ['1', '23\n4', '5\n\n', '6\n']) {
    stream.write(part)
    await nextTurn()
  }
  expect(said.map(({ number }) => number)).toEqual([123, 45, 6])
})
