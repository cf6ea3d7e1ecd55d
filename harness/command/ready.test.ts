// What was made ready reaches the workers, whatever was copied of the environment before.
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { askEngine } from '../setup/engine.ts'
import { readyVariables } from './ready.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('workers ask the engine that a Docker context names, as set-up did', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-context-'))
  const host = `unix://${join(folder, 'none.sock')}`
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho ${host}\n`)
  chmodSync(join(folder, 'docker'), 0o755)
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`)
  vi.stubEnv('DOCKER_HOST', undefined)
  vi.stubEnv('DOCKER_CONTEXT', 'elsewhere')
  const asked = { ...process.env }
  await askEngine()
  expect({ ...asked, ...readyVariables({}) }.DOCKER_HOST).toBe(host)
})
