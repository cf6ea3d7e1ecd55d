// What a drill makes of its run, but for the playing itself: what it requires, and what it says was left behind.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { writeLeftBehind } from '../report/judged.ts'
import { remove } from '../topology/residue.ts'
import { drill } from './drill.ts'
import { playRun } from './play.ts'
import { tell } from './tell.ts'

const { RUNS } = vi.hoisted(() => ({ RUNS: { folder: '' } }))

vi.mock('../options.ts', async (original) => {
  RUNS.folder = mkdtempSync(join(tmpdir(), 'firedrill-drill-'))
  return { ...(await original<object>()), RUNS: RUNS.folder }
})
vi.mock('../fault/clearing.ts', () => ({ clearDead: async () => [] }))
vi.mock('../fault/warden.ts', () => ({ startWarden: vi.fn() }))
vi.mock('../topology/lease.ts', () => ({ endLease: vi.fn(), takeLease: vi.fn() }))
vi.mock('../topology/residue.ts', () => ({ remove: vi.fn(async () => {}), residueOf: async () => [] }))
vi.mock('./ready.ts', () => ({ makeReady: async () => ({}), readyVariables: () => ({}) }))
vi.mock('./play.ts', () => ({ playRun: vi.fn(async () => {}), profilesOf: () => undefined }))
vi.mock('./tell.ts', () => ({ tell: vi.fn(async () => 0) }))
vi.spyOn(console, 'log').mockImplementation(() => {})

afterEach(() => vi.clearAllMocks())

afterAll(() => rmSync(RUNS.folder, { recursive: true }))

test.each([
  ['a suite', ['--suite', 'smoke'], true],
  ['scenarios by name', ['frozen-node'], true],
  ['all of them', ['--all'], false],
  ['nothing in particular', [], false],
])('who asks for %s requires them: %j, %j', async (_, argv, isRequired) => {
  await drill(argv)
  expect(vi.mocked(playRun).mock.calls[0]?.[2].isRequired).toBe(isRequired)
})

/** Whether a note of what was left lies there when the run is judged, of a worker that could not remove its deployment. */
const isNotedWhenJudged = async (): Promise<boolean | undefined> => {
  vi.mocked(playRun).mockImplementationOnce(async (_, { folder }) => {
    mkdirSync(folder, { recursive: true })
    await writeLeftBehind(folder, 'the network would not go')
  })
  let isNoted: boolean | undefined
  vi.mocked(tell).mockImplementationOnce(async (folder) => {
    isNoted = existsSync(join(folder, 'left-behind.json'))
    return 0
  })
  await drill(['frozen-node'])
  return isNoted
}

test('what a worker could not remove and the drill could is not told', async () => {
  expect(await isNotedWhenJudged()).toBe(false)
})

test('what would not go in the end either is told', async () => {
  vi.mocked(remove).mockRejectedValueOnce(new Error('in use'))
  expect(await isNotedWhenJudged()).toBe(true)
})
