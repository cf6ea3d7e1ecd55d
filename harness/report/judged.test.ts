import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { judgeRun, type RunFile } from './judged.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-judged-'))
})

afterEach(() => rm(folder, { recursive: true }))

const runOf = async (scenarios: RunFile['scenarios']): Promise<void> => {
  const run: RunFile = {
    schema: 'firedrill.run/1',
    run: 'r',
    stack: 'high-availability',
    seed: 1,
    startedAt: '2026-11-20T14:02:11.482Z',
    scenarios,
    skipped: [],
    provenance: {
      harness: { version: '0', commit: null, node: process.version },
      images: {},
      composeSha256: 'none',
      machine: { os: 'any', kernel: 'any', cpus: 0, memoryMb: 0, engine: 'none' },
    },
  }
  await writeFile(join(folder, 'run.json'), JSON.stringify(run))
}

test('a scenario that was asked for and left no history is inconclusive, and so is its run: exit code 2', async () => {
  await runOf([{ name: 'frozen-node', title: 'a gateway hangs' }])
  const { summary, scenarios } = await judgeRun(folder)
  expect(scenarios).toEqual([])
  expect(summary).toMatchObject({
    outcome: 'inconclusive',
    exitCode: 2,
    scenarios: [{ name: 'frozen-node', outcome: 'inconclusive' }],
  })
})

test('a run that was asked for nothing has proven nothing', async () => {
  await runOf([])
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2 })
})
