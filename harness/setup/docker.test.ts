import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { engineApi, followed, heldAs } from './docker.ts'

const says = (...messages: readonly object[]) =>
  Readable.from(messages.map((message) => `${JSON.stringify(message)}\r\n`))

test('a failure that the engine reports in a stream that ends well is thrown, after the lines before it', async () => {
  const stream = says(
    { stream: 'Step 1/1 : RUN false\n' },
    { stream: '\u001b[91mboo\u001b[0m\n' },
    { error: 'returned a non-zero code: 1' },
  )
  await expect(followed(engineApi(), stream)).rejects.toThrow('Step 1/1 : RUN false\nboo\nreturned a non-zero code: 1')
})

test('a stream that reports no failure ends well', async () => {
  await expect(
    followed(engineApi(), says({ stream: 'Successfully built\n' }, { status: 'Pulling' })),
  ).resolves.toBeUndefined()
})

test('an image is found by any of its tags, and by no other', () => {
  const image = { id: 'sha256:1', tags: ['firedrill/a:local', 'firedrill/b:local'], labels: {} }
  expect([heldAs([image], 'firedrill/b:local'), heldAs([image], 'firedrill/c:local')]).toEqual([image, undefined])
})
