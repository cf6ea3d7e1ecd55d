// The one door to the browser: a page of its own for one drill, traced from the first click.
import { type BrowserContext, chromium, type Page } from '@playwright/test'

/** An open page, its context (the session's cookies live there) and the way to end both. */
export interface OpenPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Writes the trace to `traceFile` and closes the browser. */
  close(traceFile: string): Promise<void>
}

// No step on a page may wait for ever: a context that is made by hand has no limit of its own.
const STEP_LIMIT_MS = 10_000

// A drill's browser talks to the deployment and to nobody else; as root Chromium has no sandbox to offer.
const ARGUMENTS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
]

/**
 * Opens a page on `origin` in English, in the browser that FIREDRILL_BROWSER names or Playwright's own. What the trace is made from is
 * written to `tracesDir` as it happens, every secret in it. A step on it that names no limit has `stepLimitMs`.
 */
export const openPage = async (origin: string, tracesDir: string, stepLimitMs = STEP_LIMIT_MS): Promise<OpenPage> => {
  const executablePath = process.env.FIREDRILL_BROWSER
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    tracesDir,
    args: [...ARGUMENTS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
  const context = await browser.newContext({ baseURL: origin, locale: 'en-US', viewport: { width: 1280, height: 800 } })
  context.setDefaultTimeout(stepLimitMs)
  // Without a film: painting every frame took a third of a core from what is measured. The acts have pictures of their own.
  await context.tracing.start({ screenshots: false, snapshots: true, sources: false })
  return {
    page: await context.newPage(),
    context,
    async close(traceFile) {
      try {
        await context.tracing.stop({ path: traceFile })
      } finally {
        await browser.close()
      }
    },
  }
}
