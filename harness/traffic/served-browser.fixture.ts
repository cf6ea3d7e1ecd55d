// A real browser and a server of one's own for it to ask.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from '@playwright/test'
import { findBrowser } from '../setup/browser.ts'

/** Starts both; `end` ends them, and whatever is still under way. */
export const startServedBrowser = async (
  answer: RequestListener,
): Promise<{ readonly browser: Browser; readonly origin: string; end(): Promise<void> }> => {
  const executablePath = (await findBrowser())?.executablePath
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    browser,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async end() {
      await browser.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
