// What is left of a drill whose stage cannot be set.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { optionsFrom } from '../options.ts'
import { judgeScenario } from '../report/write-judged.ts'
import type { Topology } from '../topology/topology.ts'
import { openStage } from './stage.ts'

test('what could not be started is the reason in the verdict, and no torn history', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-stage-'))
  const options = optionsFrom({ FIREDRILL_RUN_FOLDER: folder, FIREDRILL_CALLS: join(folder, 'gone.json') })
  const topology: Topology = { stack: 'none', project: 'fd-1', network: 'none', subnet: '10.213.77', nodes: [] }
  const scenario = { name: 'soak', title: 'it lasts', file: 'soak.scenario.ts', tags: [] }
  await expect(openStage(topology, options, scenario)).rejects.toMatchObject({ code: 'ERR_CALLS' })
  const { verdict } = await judgeScenario(join(folder, 'soak'))
  expect(verdict).toMatchObject({
    outcome: 'inconclusive',
    because: expect.stringMatching(/^The script threw at .*: it was not begun, since .*: .*gone\.json/),
  })
})
