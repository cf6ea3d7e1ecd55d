// Where a browser's trace lies until it holds no secret any more: the Dashboard in a real browser, one page for everything.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { findBrowser } from '../setup/browser.ts'
import { signedInAt } from './dashboard.fixture.ts'
import type { DashboardWorld } from './dashboard.ts'
import { startServedBrowser } from './served-browser.fixture.ts'

const PAGE = `<link rel="icon" href="data:,"><label>Username <input></label><label>Password <input type="password"></label>
  <button onclick="fetch('/login', { method: 'POST' })">Log in</button><a href="#">Published Services</a>`

let served: Awaited<ReturnType<typeof startServedBrowser>>
let recorder: Recorder
let root = ''

beforeAll(async () => {
  const found = (await findBrowser())?.executablePath
  if (found) process.env.FIREDRILL_BROWSER = found
  served = await startServedBrowser((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
  })
})
afterAll(() => served?.end())

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firedrill-dashboard-'))
  recorder = openRecorder(join(root, 'history.jsonl'), createRedactor([]))
})
afterEach(() => {
  recorder.close()
  rmSync(root, { recursive: true })
})

const signedIn = (keep: DashboardWorld['trace']['keep']) =>
  signedInAt({ origin: served.origin, folder: root, recorder, keep })

const tracesIn = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.includes('trace'))

test('a trace is written aside from its first byte on, comes to the report by whoever takes its secrets out, and nothing of it stays aside', async () => {
  const dashboard = await signedIn((raw) => {
    expect(raw.startsWith(join(root, 'aside', '/'))).toBe(true)
    expect(tracesIn(root)).toEqual([])
    return copyFile(raw, join(root, 'trace.zip'))
  })
  // A worker that is killed now leaves it there, and nowhere else.
  expect(readdirSync(join(root, 'aside'))).not.toEqual([])
  await dashboard.close()
  expect(tracesIn(root)).toEqual(['trace.zip'])
  expect(existsSync(join(root, 'aside'))).toBe(false)
})

test('a trace whose secrets cannot be taken out is nowhere', async () => {
  const dashboard = await signedIn(() => Promise.reject(new Error('no zip')))
  await expect(dashboard.close()).rejects.toThrow('no zip')
  expect(tracesIn(root)).toEqual([])
  expect(existsSync(join(root, 'aside'))).toBe(false)
  await dashboard.close()
})
