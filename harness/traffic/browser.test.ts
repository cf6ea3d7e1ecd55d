import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findBrowser } from '../setup/browser.ts'
import { openPage } from './browser.ts'

test('no step on the page waits for ever, though it says no limit itself', { timeout: 40_000 }, async () => {
  const found = (await findBrowser())?.executablePath
  if (found) process.env.FIREDRILL_BROWSER = found
  const root = mkdtempSync(join(tmpdir(), 'firedrill-browser-'))
  const { page, close } = await openPage('http://127.0.0.1:1', root)
  try {
    await expect(page.getByRole('textbox', { name: 'Username' }).fill('nobody')).rejects.toThrow('Timeout 10000ms')
  } finally {
    await close(join(root, 'trace.zip'))
    rmSync(root, { recursive: true })
  }
})
