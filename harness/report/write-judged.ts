// What was judged, written beside the records that it was judged by: verdict.json, and the latencies as an HdrHistogram log.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { latencyLog } from '../analysis/histogram.ts'
import { isThere, unwritten, writeWhole } from './files.ts'
import { writeVerdict } from './json.ts'
import { type JudgedRun, judged } from './judged.ts'
import type { ScenarioReport } from './summary.ts'

/** Judges one scenario's folder while its test goes on, and writes its verdict.json, and its latencies as an HdrHistogram log. */
export const judgeScenario = async (folder: string): Promise<ScenarioReport> => {
  const report = await judged(folder)
  await writeVerdict(folder, report.verdict)
  await writeLatencies(folder, report)
  return report
}

/** Writes what a run was judged to, scenario by scenario. Names what could not be written. */
export const writeJudged = async (
  folder: string,
  { scenarios, unread }: Pick<JudgedRun, 'scenarios' | 'unread'>,
): Promise<readonly string[]> => {
  const missing: string[] = []
  for (const report of scenarios) missing.push(...(await writeScenario(join(folder, report.folder), report)))
  for (const own of unread) missing.push(...(await setJudgedAside(folder, own)))
  return missing
}

const LATENCIES = 'latency.hlog'

const writeLatencies = async (folder: string, { verdict, analysis }: ScenarioReport): Promise<void> =>
  writeWhole(join(folder, LATENCIES), latencyLog(analysis.histograms, verdict.startedAt))

/** Names what could not be written. */
const writeScenario = async (folder: string, report: ScenarioReport): Promise<readonly string[]> => [
  ...(await unwritten(`${report.folder}/verdict.json`, () => writeVerdict(folder, report.verdict))),
  ...(await unwritten(`${report.folder}/${LATENCIES}`, () => writeLatencies(folder, report))),
]

/** What was judged while the record could be read says otherwise than the run: it is kept under a name that nobody takes for it. Names what would not go. */
const setJudgedAside = async (folder: string, own: string): Promise<readonly string[]> => {
  const aside = ['verdict.json', LATENCIES].map((name) => {
    const file = join(folder, own, name)
    return unwritten(`${own}/${name}`, async () => {
      if (await isThere(file)) await rename(file, `${file}.earlier`)
    })
  })
  return (await Promise.all(aside)).flat()
}
