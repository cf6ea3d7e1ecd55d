// What a follower of a document does that was told to end while it reads.
import { expect, test } from 'vitest'
import { emptyConfiguration } from '../configuration.ts'
import { logInto } from '../gateway.fixture.ts'
import { followDocument } from './follow-document.ts'
import type { Resources } from './resources.ts'

test('a document that is read after a reload has ended its follower replaces nothing, and the look counts as one', async () => {
  const configuration = emptyConfiguration('/apisix')
  const late = Promise.withResolvers<Resources>()
  const source = { name: 'a slow store', everyMs: 1_000, read: () => late.promise }
  const heard: string[] = []
  const [onLooked, onLoaded] = [() => void heard.push('looked'), () => void heard.push('loaded')]
  const ending = new AbortController()
  const parts = { source, configuration, prefix: '/apisix', log: logInto([]), onLooked, onLoaded }
  const following = followDocument(parts, ending.signal)
  ending.abort()
  configuration.replace({ revision: 9, items: [], unreadable: [] })
  late.resolve({})
  await following
  expect([configuration.revision(), heard]).toEqual([9, ['looked']])
})
