// A warden whose engine never answers: it gives up, and leaves the run to the next command.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { thisProcess } from '../topology/holder.ts'
import { leaseFile, leaseOf } from '../topology/lease.ts'
import { clearRun, undoRun } from './clearing.ts'
import { watchOver } from './warden.ts'

vi.mock('./clearing.ts', () => ({ clearRun: vi.fn(), undoRun: vi.fn() }))

const RUN = 'fd-silent'
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-warden-silence-'))
  vi.stubEnv('FIREDRILL_LEASES', folder)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test.each([
  ['drill', clearRun],
  ['up', undoRun],
])('a %s is given up where the engine never answers, and its lease stays', async (kind, asked) => {
  vi.mocked(asked).mockReturnValue(new Promise(() => {}))
  const dead = { ...thisProcess(), startTicks: '1' }
  writeFileSync(leaseFile(RUN, 'json'), JSON.stringify({ run: RUN, kind, ...dead }))
  await expect(watchOver(RUN, 20)).rejects.toMatchObject({ code: 'ERR_NOT_CLEARED' })
  expect(asked).toHaveBeenCalledOnce()
  expect(await leaseOf(RUN)).not.toBeNull()
})
