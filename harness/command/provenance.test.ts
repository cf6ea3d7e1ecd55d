// The commit that a run names is the code that it ran, as far as git could tell.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bareProvenance } from './provenance.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-provenance-'))
  symlinkSync('/bin/ps', join(folder, 'ps'))
  vi.stubEnv('PATH', folder)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test.each([
  ['says that nothing changed is that commit', 'exit 0', '4f1c2aa'],
  ['names a change has changes', "echo ' M README.md'", '4f1c2aa with uncommitted changes'],
  ['fails may have changes', 'exit 128', '4f1c2aa, perhaps with uncommitted changes: git could not tell'],
])('a checkout of which git status %s', async (_, status, commit) => {
  writeFileSync(join(folder, 'git'), `#!/bin/sh\nif [ "$1" = status ]; then ${status}; else echo 4f1c2aa; fi\n`, {
    mode: 0o755,
  })
  expect((await bareProvenance()).harness.commit).toBe(commit)
})

test('what is no checkout has no commit', async () => {
  writeFileSync(join(folder, 'git'), '#!/bin/sh\nexit 128\n', { mode: 0o755 })
  expect((await bareProvenance()).harness.commit).toBeNull()
})
