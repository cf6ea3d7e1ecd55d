// Compose is installed where it is missing, and not where it only takes its time.
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { composeReady } from './compose-command.ts'
import { distribution } from './debian.ts'

const consent = { install: true, ask: 'never' } as const
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-compose-'))
  symlinkSync('/bin/ps', join(folder, 'ps'))
  vi.stubEnv('PATH', folder)
  vi.spyOn(process, 'getuid').mockReturnValue(0)
  program('apt-get', `echo '#!/bin/sh' >'${folder}/docker-compose'; /bin/chmod 755 '${folder}/docker-compose'`)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const program = (name: string, does: string): void =>
  writeFileSync(join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 })

test('a plug-in that gives no answer is told of, and no docker-compose is installed beside it', async () => {
  program('docker', 'exec /bin/sleep 20')
  await expect(composeReady(consent, () => {})).rejects.toMatchObject({ code: 'ERR_COMPOSE_SILENT' })
  expect(existsSync(join(folder, 'docker-compose'))).toBe(false)
})

const { id } = await distribution()

// Last: what was found is kept.
test.runIf(['debian', 'ubuntu'].includes(id))('where there is none docker-compose is installed', async () => {
  program('docker', 'exit 1')
  const ready = { value: ['docker-compose'], text: 'docker-compose installed' }
  expect(await composeReady(consent, () => {})).toEqual(ready)
})
