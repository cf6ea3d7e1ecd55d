import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { followEvents } from './engine-stream.ts'

const event = (name: string) => ({ Action: 'die', timeNano: 1, Actor: { ID: name, Attributes: { name } } })

const followed = () => {
  const stream = new PassThrough()
  const noted: string[] = []
  followEvents(stream, ({ Actor }) => noted.push(Actor.ID))
  return { stream, noted }
}

test('events are noted however their lines are cut', async () => {
  const { stream, noted } = followed()
  const bytes = Buffer.from(`${JSON.stringify(event('Zoë'))}\n${JSON.stringify(event('b'))}\n`)
  for (const byte of bytes) stream.write(Buffer.from([byte]))
  await nextTurn()
  expect(noted).toEqual(['Zoë', 'b'])
})

test('a line that is no event is left out, and those after it are noted', async () => {
  const { stream, noted } = followed()
  for (const line of ['{"Action":', 'null', '{}', '{"Action":"die","timeNano":1}', JSON.stringify(event('a'))])
    stream.write(`${line}\n`)
  await nextTurn()
  expect(noted).toEqual(['a'])
})

test('a stream that breaks ends nothing but itself', async () => {
  const { stream, noted } = followed()
  stream.write(`${JSON.stringify(event('a'))}\n`)
  stream.destroy(new Error('the engine is gone'))
  await nextTurn()
  expect(noted).toEqual(['a'])
})
