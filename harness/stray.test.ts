import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeEach, expect, test } from 'vitest'
import { optionsFrom, ROOT } from './options.ts'
import { refuseStray } from './stray.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-stray-'))
})

const asks = (...scenarios: readonly { readonly name: string; readonly folder?: string }[]): void =>
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ scenarios }))

const options = (more: NodeJS.ProcessEnv = {}, repetition = 1) =>
  optionsFrom({ FIREDRILL_RUN: 'fd-1', FIREDRILL_RUN_FOLDER: folder, ...more }, repetition)

test('a scenario that the run asks for is played, and another is refused with those it asks for', async () => {
  asks({ name: 'zone-isolation' })
  await expect(refuseStray('zone-isolation', options())).resolves.toBeUndefined()
  await expect(refuseStray('primary-zone-isolation', options())).rejects.toMatchObject({
    code: 'ERR_STRAY',
    message: expect.stringContaining('play primary-zone-isolation: run fd-1 asks for zone-isolation.'),
  })
})

test('a part and a repetition are told from others of the same scenario', async () => {
  asks({ name: 'soak', folder: 'soak.zones.2' })
  const env = { FIREDRILL_PART: 'zones', FIREDRILL_TIMES: '3' }
  await expect(refuseStray('soak', options(env, 2))).resolves.toBeUndefined()
  await expect(refuseStray('soak', options(env, 3))).rejects.toMatchObject({ code: 'ERR_STRAY' })
})

test('whoever plays by hand asks in no file, and is refused nothing', async () => {
  await expect(refuseStray('soak', options())).resolves.toBeUndefined()
})

test('Playwright brings nothing up for a stray', async () => {
  asks({ name: 'zone-isolation' })
  const cli = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js')
  // There is no engine: whoever looks for one says so, and fails otherwise.
  const env = { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:9', FIREDRILL_RUN: 'fd-1', FIREDRILL_RUN_FOLDER: folder }
  const playwright = spawn(process.execPath, [cli, 'test', '[/]soak\\.scenario\\.ts$'], { cwd: ROOT, env })
  const [said] = await Promise.all([text(playwright.stdout), once(playwright, 'close')])
  expect(said).toContain('Refused to play soak: run fd-1 asks for zone-isolation.')
  expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual(['run.json'])
})
