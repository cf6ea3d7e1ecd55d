// What may end yet, by what the engine says of the container and what the fault was; nothing runs.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FAULT_KINDS } from '../history/event.ts'
import { startSmallEngine } from '../topology/small-engine.fixture.ts'
import { mayEndYet } from './ending.ts'

const STARTED_AT = Date.now() - 60_000
const container = {
  Id: 'c1',
  Name: '/data-plane-1',
  Config: { Image: 'gateway', Labels: {} },
  NetworkSettings: { Networks: {} },
  HostConfig: { PortBindings: {} },
  State: { Running: true, StartedAt: new Date(STARTED_AT).toISOString() },
}

let engine: Awaited<ReturnType<typeof startSmallEngine>>
beforeAll(async () => {
  engine = await startSmallEngine([container])
})
afterAll(() => engine.end())

const wordsOf = (kind: string, at: number) => mayEndYet({ kind, at, undo: [{ act: 'start', container: 'c1' }] })

test('what a fault tells to end gracefully, and runs since before it, may end yet: whoever stands in for it afterwards', async () => {
  const after = STARTED_AT + 1000
  const kinds = await Promise.all(
    FAULT_KINDS.map(async (kind) => ((await wordsOf(kind, after)).length > 0 ? [kind] : [])),
  )
  expect(kinds.flat()).toEqual(['stop', 'restart', 'replace', 'upgrade', 'reconfigure'])
})

test('what has started since, and what was told longer ago than anybody drains, may not', async () => {
  expect(await wordsOf('upgrade', STARTED_AT - 1000)).toEqual([])
  expect(await wordsOf('upgrade', Date.now() - 301_000)).toEqual([])
})
