// A removal that failed once is told for as long as something is left, and no longer.
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { writeLeftBehind } from '../report/judged.ts'
import { EnvironmentError } from '../time/errors.ts'
import { remove, residueOf } from '../topology/residue.ts'
import { removeRun } from './run-removal.ts'

vi.mock('../topology/residue.ts', () => ({ remove: vi.fn(), residueOf: vi.fn() }))

const LATE = { run: 'fd-1', containers: ['late'], networks: [], volumes: [] }

let folder = ''

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-removal-'))
  await writeLeftBehind(folder, 'the network fd-1 would not go')
  vi.mocked(remove).mockReset().mockResolvedValue()
  vi.mocked(residueOf).mockReset().mockResolvedValue([])
})

const isNoted = (): boolean => existsSync(join(folder, 'left-behind.json'))

test('one that succeeds takes the note of an earlier one along', async () => {
  await removeRun({ run: 'fd-1', folder })
  expect([isNoted(), vi.mocked(remove).mock.calls, vi.mocked(residueOf).mock.calls]).toEqual([
    false,
    [['fd-1']],
    [['fd-1']],
  ])
  await removeRun({ run: 'fd-1', folder })
})

test('one that fails leaves it', async () => {
  vi.mocked(remove).mockRejectedValue(new Error('in use'))
  await expect(removeRun({ run: 'fd-1', folder })).rejects.toThrow('in use')
  expect(isNoted()).toBe(true)
})

test('what came to be while it was removed is removed too', async () => {
  vi.mocked(residueOf).mockResolvedValueOnce([LATE])
  await removeRun({ run: 'fd-1', folder })
  expect([isNoted(), vi.mocked(remove).mock.calls]).toEqual([false, [['fd-1'], ['fd-1']]])
})

test('one whose late comers would not go leaves it', async () => {
  vi.mocked(residueOf).mockResolvedValueOnce([LATE])
  vi.mocked(remove).mockResolvedValueOnce().mockRejectedValue(new Error('in use'))
  await expect(removeRun({ run: 'fd-1', folder })).rejects.toThrow('in use')
  expect(isNoted()).toBe(true)
})

test('of a run that was cut short what comes to be a little later is removed too', async () => {
  vi.mocked(residueOf).mockResolvedValueOnce([]).mockResolvedValueOnce([LATE])
  await removeRun({ run: 'fd-1', folder, isCutShort: true })
  expect([isNoted(), vi.mocked(remove).mock.calls]).toEqual([false, [['fd-1'], ['fd-1']]])
})

test.each([
  ['its removal', remove],
  ['the question what is left', residueOf],
])('where the engine never answers to %s, nobody waits for ever, and what is left stays told', async (_, asked) => {
  vi.mocked<(run: string) => Promise<unknown>>(asked).mockReturnValue(new Promise(() => {}))
  const error = await removeRun({ run: 'fd-1', folder }, 20).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EnvironmentError)
  expect(error).toMatchObject({ code: 'ERR_ENGINE_SILENT', message: expect.stringContaining('npm run clean') })
  expect(isNoted()).toBe(true)
})
