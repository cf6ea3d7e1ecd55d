// The Dashboard as the operator has it before them: every act on it is timed, pictured and written down, and one that fails ends nothing.
import { join } from 'node:path'
import type { BrowserContext, Locator, Page } from '@playwright/test'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { openPage } from './browser.ts'
import { watchDocuments } from './documents.ts'
import { watchWaits } from './page-waits.ts'

/** What a view needs of the drill. */
export interface ViewWorld {
  readonly origin: string
  readonly recorder: Recorder
  readonly clock: Clock
  /** Where its pictures go. */
  readonly folder: string
  /** Where its trace is made, every secret in it: outside of the report. */
  readonly traceFolder: string
  /** How long any one act may take, ms. */
  readonly actLimitMs: number
  /** A name for the next picture, which no other of the drill has. */
  readonly nextPicture: () => string
}

/** An open page. Acts resolve with why they failed, or with null. */
export interface DashboardView {
  readonly page: Page
  readonly context: BrowserContext
  readonly actLimitMs: number
  /** Carries out one act, and writes down how long it took until the page was of use. */
  timed(title: string, go: () => Promise<void>): Promise<string | null>
  /** Takes a picture of what an act came to, and hands that on. */
  pictured(title: string, because: string | null): Promise<string | null>
  /** Carries one out and pictures what it came to. */
  act(title: string, go: () => Promise<void>): Promise<string | null>
  /** How often the operator had to ask once more in the act that is under way. */
  addAskedAgain(times: number): void
  /** However long that takes is the page's: an operator who meets an error page asks for it again. */
  untilAnswered(): Promise<void>
  untilUsable(): Promise<void>
  /** Clicks a link, and waits for what it leads to. */
  follow(link: Locator): Promise<void>
  /** Whether the page that came asks for a sign-in. */
  isSignedOut(): Promise<boolean>
  /** Writes the trace to `traceFile` and ends the browser. */
  close(traceFile: string): Promise<void>
}

/** Opens a browser at the Dashboard, nobody signed in. */
export const openDashboard = async (world: ViewWorld): Promise<DashboardView> => {
  const { recorder, clock, actLimitMs } = world
  const { page, context, close } = await openPage(world.origin, world.traceFolder)
  const waits = watchWaits(page, clock)
  const documents = watchDocuments(page, clock)
  let askedAgain = 0

  const timed = async (title: string, go: () => Promise<void>): Promise<string | null> => {
    const from = clock.now()
    askedAgain = 0
    const because = await go().then(
      () => null,
      (error: Error) => error.message.split('\n')[0] ?? 'unknown',
    )
    recorder.record({
      kind: 'page',
      at: clock.now(),
      act: title,
      tookMs: clock.now() - from,
      ok: because === null,
      ...(because !== null && { because }),
      ...(askedAgain > 0 && { askedAgain }),
      waits: waits.since(from),
    })
    return because
  }

  const screenshot = async (title: string): Promise<void> => {
    const file = world.nextPicture()
    await page.screenshot({ path: join(world.folder, file), timeout: actLimitMs })
    recorder.record({ kind: 'screenshot', at: clock.now(), title, file })
  }

  const pictured = async (title: string, because: string | null): Promise<string | null> => {
    await screenshot(because === null ? title : `${title}: failed`).catch((error: Error) =>
      recorder.record({
        kind: 'teardown',
        at: clock.now(),
        ok: false,
        about: 'screenshot',
        because: `There is no screenshot of '${title}': ${error.message.split('\n')[0]}`,
      }),
    )
    return because
  }

  const untilAnswered = async (): Promise<void> => {
    askedAgain += await documents.untilAnswered(actLimitMs)
  }

  return {
    page,
    context,
    actLimitMs,
    timed,
    pictured,
    act: async (title, go) => pictured(title, await timed(title, go)),
    addAskedAgain(times) {
      askedAgain += times
    },
    untilAnswered,
    // By the navigation's own link: an error page has one that leads there, too, by another name.
    untilUsable: () =>
      page
        .getByRole('link', { name: 'Published Services', exact: true })
        .waitFor({ state: 'visible', timeout: actLimitMs }),
    async follow(link) {
      await link.click({ timeout: actLimitMs })
      await untilAnswered()
    },
    isSignedOut: async () =>
      documents.isSignedOut() || (await page.getByRole('textbox', { name: 'Password' }).isVisible()),
    close,
  }
}
