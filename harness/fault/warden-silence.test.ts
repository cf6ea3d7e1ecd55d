// A warden whose engine never answers, or who cannot read what it watches: it gives up, and leaves the run to the next command.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
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
  vi.clearAllMocks()
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** A lease of somebody who died. */
const leftBy = (kind: string): void => {
  const dead = { ...thisProcess(), startTicks: '1' }
  writeFileSync(leaseFile(RUN, 'json'), JSON.stringify({ run: RUN, kind, ...dead }))
}

test.each([
  ['drill', clearRun],
  ['up', undoRun],
])('a %s is given up where the engine never answers, and its lease stays', async (kind, asked) => {
  vi.mocked(asked).mockReturnValue(new Promise(() => {}))
  leftBy(kind)
  await expect(watchOver(RUN, 20)).rejects.toMatchObject({ code: 'ERR_NOT_CLEARED' })
  expect(asked).toHaveBeenCalledOnce()
  expect(await leaseOf(RUN)).not.toBeNull()
})

describe('a lease that cannot be read', () => {
  const hidden = (): string => `${folder}-hidden`

  /** As a machine without a file to spare: the folder is there, and nobody can look into it. */
  const hide = (): void => {
    renameSync(folder, hidden())
    writeFileSync(folder, '')
  }

  const show = (): void => {
    rmSync(folder)
    renameSync(hidden(), folder)
  }

  beforeEach(() => {
    leftBy('drill')
    hide()
  })

  test('is looked for again, and its run is cleared then', async () => {
    vi.mocked(clearRun).mockResolvedValue({ run: RUN, isKept: false, faults: [], failed: [] })
    const watching = watchOver(RUN)
    await pause(300)
    show()
    await watching
    expect(clearRun).toHaveBeenCalledOnce()
  })

  test('for too long ends the watch, and not in silence', async () => {
    await expect(watchOver(RUN, 20)).rejects.toThrow('ENOTDIR')
    show()
  })
})
