// An engine outlives whoever started it, and so must what it was given.
import { expect, test } from 'vitest'
import { engineEnvironment } from './engine-start.ts'

test('an engine keeps a proxy and the path, and nothing that is of the process alone that started it', () => {
  const kept = { PATH: '/usr/sbin', HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'local', DOCKER_TMPDIR: '/big' }
  const own = {
    TMPDIR: '/tmp/firedrill-test-1',
    TEMP: '/tmp/firedrill-test-1',
    NODE_OPTIONS: '--cpu-prof',
    FIREDRILL_RUN: 'fd-1',
    npm_lifecycle_event: 'test',
    VITEST: 'true',
  }
  expect(engineEnvironment({ ...kept, ...own })).toEqual(kept)
})
