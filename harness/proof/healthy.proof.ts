// The healthy deployment: the smoke suite passes, the record judges the same without Docker, and no secret is in it.
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { type Drilled, drilled, leftBehind, startDrill, summaryOf, verdictOf } from './run-drill.ts'
import { expectAllPassed } from './unproven.ts'

// Fit for a URL, a header and a shell, and nowhere else in the world.
const CANARIES = {
  FIREDRILL_DB_PASSWORD: 'canary-database-5f1c',
  FIREDRILL_SESSION_SECRET: 'canary-session-secret-77ab-0123456789abcdef',
  FIREDRILL_DP_TOKEN: 'a7ee-canary-token-91d2',
  FIREDRILL_ADMIN_PASSWORD: 'Canary-Admin-3e8f!',
}

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

const filesBelow = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Every text of a file: its own, and what a zip in it holds. */
const textsOf = async (file: string): Promise<readonly (readonly [string, string])[]> => {
  const bytes = await readFile(file)
  const own = [file, bytes.toString('latin1')] as const
  if (!file.endsWith('.zip')) return [own]
  return [
    own,
    ...Object.entries(unzipSync(bytes)).map(
      ([name, entry]) => [`${file}!${name}`, Buffer.from(entry).toString('latin1')] as const,
    ),
  ]
}

const LATENCIES = 'latency.hlog'

/** What judging writes, scenario by scenario. */
const judgedOf = async (run: Drilled) =>
  Promise.all(
    (await summaryOf(run)).scenarios.map(async ({ name }) => ({
      verdict: await verdictOf(run, name),
      latencies: await readFile(join(run.folder ?? '', name, LATENCIES), 'utf8'),
    })),
  )

const SMOKE = ['control-plane-failover', 'data-plane-failover']

let run: Drilled

beforeAll(async () => {
  run = await drilled(['--suite', 'smoke', '--rerun-inconclusive', '2'], CANARIES)
  // Two scenarios, each played three times at the most, 130 s each on a machine that is starved, and brought up anew in between.
}, 15 * 60_000)

test('the smoke suite passes', async (context) => {
  await expectAllPassed(run, SMOKE, context)
})

test('its files judge the same with Docker away', async () => {
  const summary = await summaryOf(run)
  const before = await judgedOf(run)
  expect(before).toHaveLength(SMOKE.length)
  // Else what was judged then would be compared with itself, were nothing written now.
  for (const { name } of summary.scenarios)
    for (const file of ['verdict.json', LATENCIES]) await rm(join(run.folder ?? '', name, file))
  const again = await startDrill(['rejudge', run.folder ?? ''], { DOCKER_HOST: 'tcp://127.0.0.1:1' }).ended
  expect({ exitCode: again.exitCode, after: await judgedOf(run) }).toEqual({ exitCode: run.exitCode, after: before })
})

test('its files hold no secret', async () => {
  const files = await filesBelow(run.folder ?? '')
  const texts = (await Promise.all(files.map(textsOf))).flat()
  const encoded = Object.values(CANARIES).flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    encodeURIComponent(secret),
  ])
  const told = texts.flatMap(([name, text]) =>
    encoded.filter((secret) => text.includes(secret)).map((secret) => `${name}: ${secret}`),
  )
  expect(told).toEqual([])
  expect(files.some((file) => file.endsWith('trace.zip'))).toBe(true)
})
