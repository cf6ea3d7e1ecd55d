import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { failedTestIn, VerdictError, writeFailedTest } from './failed-test.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-failed-test-'))
})

/** As Playwright keeps an error. */
const kept = ({ name, message }: Error) => ({ message: `${name}: ${message}` })

const asItIs = (text: string): string => text
const SOFT = { message: 'Error: expect(received).toBe(expected)\n\nExpected: \u001B[32m3\u001B[39m\nReceived: 2' }

test('a test that failed by its verdict alone says nothing beside it', async () => {
  await writeFailedTest(folder, [kept(new VerdictError('inconclusive: The machine was not quiet.'))], asItIs)
  expect(readdirSync(folder)).toEqual([])
  expect(await failedTestIn(folder)).toEqual([])
})

test('what failed it beside its verdict is a doubt that is not the sensor’s, without colours and in one line', async () => {
  await writeFailedTest(folder, [SOFT, kept(new VerdictError('inconclusive: Why.'))], asItIs)
  expect(await failedTestIn(folder)).toEqual([
    {
      name: 'Nothing but its verdict failed the test',
      holds: false,
      because:
        'Playwright’s test failed beside its verdict: Error: expect(received).toBe(expected) Expected: 3 Received: 2.',
    },
  ])
})

test('several are told together, one that was no Error as it is, and no secret of any', async () => {
  const redact = (text: string): string => text.replace('s3cr!', '[redacted]')
  await writeFailedTest(folder, [{ message: 'Error: sent s3cr!.' }, { value: "'thrown'" }, {}], redact)
  expect((await failedTestIn(folder))[0]?.because).toBe(
    "Playwright’s test failed beside its verdict: Error: sent [redacted]; 'thrown'; an error without a word.",
  )
})
