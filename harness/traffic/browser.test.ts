import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findBrowser } from '../setup/browser.ts'
import { openPage } from './browser.ts'

test('no step on the page waits for ever, though it says no limit itself', async () => {
  const found = (await findBrowser())?.executablePath
  if (found) process.env.FIREDRILL_BROWSER = found
  const root = mkdtempSync(join(tmpdir(), 'firedrill-browser-'))
  const { page, close } = await openPage('http://127.0.0.1:1', root, 1500)
  try {
    await expect(page.getByRole('textbox', { name: 'Username' }).fill('nobody')).rejects.toThrow('Timeout 1500ms')
  } finally {
    await close(join(root, 'trace.zip'))
    rmSync(root, { recursive: true })
  }
})
