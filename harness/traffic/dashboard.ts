// The operator in a real browser: a page object by the labels a person reads, never by URL or markup.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator } from '@playwright/test'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import { outcomeOfStatus } from './admin-api.ts'
import { type OpenPage, openPage } from './browser.ts'
import { type Change, type ChangeWorld, followChange, type Mark, unique } from './change.ts'
import { type Documents, watchDocuments } from './documents.ts'
import { beat } from './heartbeat.ts'
import { watchWaits } from './page-waits.ts'
import { signInOn } from './sign-in.ts'
import { newWarningOn, pressOnce, pressUntilTaken, sayAnswer, warningsOn } from './writes.ts'

const ACT_LIMIT_MS = 10_000

/** What came of one request for a change. */
interface Asked {
  readonly outcome: Change['outcome']
  readonly because?: string
  readonly said?: string | null
}

/** A form as it was opened. */
interface Filled {
  readonly mark: Mark & { readonly description: string }
  /** Why it is not there to be saved; null where it is. */
  readonly unopened: string | null
  /** What the page said already when it came. */
  readonly warnings: readonly string[]
}

/** What the page object needs of the drill. */
export interface DashboardWorld {
  readonly origin: string
  readonly username: string
  readonly password: string
  readonly folder: string
  readonly recorder: Recorder
  readonly clock: Clock
  readonly change: ChangeWorld
  readonly routeId: (name: string) => Promise<string>
  /** Called once signed in, with the session's Cookie header (secret): opens the Dashboard lanes. */
  readonly onSession: (cookie: string) => Promise<void>
  readonly onSecret: (secret: string) => void
  /** How long any one act may take, ms: ten seconds where nothing is said. */
  readonly actLimitMs?: number
  /** The browser's trace holds every secret: `folder`, outside of the report, has it until `keep` has taken from it what may be kept. */
  readonly trace: { readonly folder: string; readonly keep: (raw: string) => Promise<void> }
}

/** A route's form on the page, filled in and not saved yet. */
export interface RouteForm {
  /** Presses Save once. Where nothing is saved the page is looked at for what it says of that, and the form stays as it is. */
  tryToSave(): Promise<Change>
  /** Presses Save until it is taken. */
  save(): Promise<Change>
}

/** The signed-in operator's page. Acts that fail are written down, with a screenshot, and the script goes on. */
export interface DashboardPage {
  /** Rejects with EnvironmentError where no session comes of it: what would be told of it then were told of none. */
  signIn(): Promise<void>
  /** The name of the node that made the session. Throws ScenarioError before signIn, or when no balancer said. */
  servedBy(): string
  refresh(): Promise<void>
  openForm(name: string, edit: { readonly description: string }): Promise<RouteForm>
  /** Ends the heartbeat and the browser. Rejects where nothing could be kept of its trace. */
  close(): Promise<void>
}

/** A page that is opened by signIn and not before: a drill without a Dashboard needs no browser. */
export const createDashboard = (world: DashboardWorld): DashboardPage => {
  const { recorder, clock, actLimitMs = ACT_LIMIT_MS } = world
  let opened: OpenPage | null = null
  let waits: ReturnType<typeof watchWaits> | null = null
  let documents: Documents | null = null
  let askedAgain = 0
  let heartbeat: { stop(): Promise<void> } | null = null
  let maker: string | null = null
  let screenshots = 0
  let edits = 0

  const current = (): OpenPage => {
    if (opened) return opened
    throw new ScenarioError('The Dashboard is not open: call dashboard.signIn() first.', { code: 'ERR_NOT_SIGNED_IN' })
  }

  const screenshot = async (title: string): Promise<void> => {
    screenshots += 1
    const file = `dashboard-${String(screenshots).padStart(2, '0')}.png`
    await current().page.screenshot({ path: join(world.folder, file), timeout: actLimitMs })
    recorder.record({ kind: 'screenshot', at: clock.now(), title, file })
  }

  /** Carries out one act on the page, and writes down how long it took to be usable. Resolves with why it failed. */
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
      ...(waits && { waits: waits.since(from) }),
    })
    return because
  }

  /** Takes a picture of what an act came to, and hands that on. */
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

  const act = async (title: string, go: () => Promise<void>): Promise<string | null> =>
    pictured(title, await timed(title, go))

  /** By the navigation's own link: an error page has one that leads there, too, by another name. */
  const untilUsable = (): Promise<void> =>
    current()
      .page.getByRole('link', { name: 'Published Services', exact: true })
      .waitFor({ state: 'visible', timeout: actLimitMs })

  /** However long that takes is the page's: an operator who meets an error page asks for it again. */
  const untilAnswered = async (): Promise<void> => {
    askedAgain += (await documents?.untilAnswered(actLimitMs)) ?? 0
  }

  const follow = async (link: Locator): Promise<void> => {
    await link.click({ timeout: actLimitMs })
    await untilAnswered()
  }

  /** Click by click, each an act of its own: after each of them the page is of use, or is not. Resolves with why one failed. */
  const fillIn = async (name: string, description: string): Promise<string | null> => {
    const { page } = current()
    const main = page.getByRole('main')
    // Whoever has an error page before them from an act that failed takes its way out, which has a longer name.
    const clicks: readonly (readonly [title: string, go: () => Promise<void>])[] = [
      ['Open Published Services', () => follow(page.getByRole('link', { name: 'Published Services' }))],
      ['Open service orders', () => follow(main.getByRole('link', { name: 'orders', exact: true }))],
      [`Open route ${name}`, () => follow(main.getByRole('link', { name, exact: true }))],
      [
        `Edit route ${name}`,
        async () => {
          await page.getByRole('button', { name: 'Edit' }).click({ timeout: actLimitMs })
          await page.getByRole('textbox', { name: 'Description' }).fill(description, { timeout: actLimitMs })
        },
      ],
    ]
    for (const [title, go] of clicks) {
      const because = await timed(title, go)
      if (because !== null) return because
    }
    return null
  }

  const pressSave = (timeout: number): Promise<void> =>
    current().page.getByRole('button', { name: 'Save' }).click({ timeout })

  const untilShown = (description: string): Promise<void> =>
    current().page.getByText(description).first().waitFor({ state: 'visible', timeout: actLimitMs })

  const formOf = (name: string, { mark, unopened, warnings }: Filled): RouteForm => {
    /** One request for the change, under an id of its own. */
    const asked = async (title: string, ask: () => Promise<Asked>): Promise<Change> => {
      edits += 1
      const told = { id: `edit-${edits}`, by: 'dashboard', what: `edit route ${name}` } as const
      recorder.record({ kind: 'change', at: clock.now(), ...told, stage: 'sent' })
      let came: Asked = { outcome: 'refused', ...(unopened !== null && { because: unopened }) }
      let since = clock.now()
      if (unopened === null) {
        const failed = await act(title, async () => {
          came = await ask()
          since = clock.now()
          // What was answered well is there, whatever the page makes of it: that it is of no use is the page's own.
          if (came.outcome === 'accepted') await untilShown(mark.description)
        })
        if (failed !== null && came.outcome !== 'accepted') {
          came = { outcome: 'unknown', because: failed }
          since = clock.now()
        }
      }
      const { outcome, ...why } = came
      recorder.record({ kind: 'change', at: since, ...told, stage: outcome, ...why })
      return followChange(world.change, told, { mark, outcome, since })
    }
    return {
      tryToSave: () =>
        asked(`Try to save the description of route ${name}`, async () => {
          const { page } = current()
          const answered = await pressOnce(page, clock, { press: pressSave, limitMs: actLimitMs })
          if (answered !== null && answered < 400) return { outcome: 'accepted' }
          const said = await newWarningOn(page, clock, warnings)
          return {
            outcome: answered === null ? 'unknown' : outcomeOfStatus(answered),
            because: `the save ${sayAnswer(answered)}${said === null ? ', and the page says nothing of it' : ''}`,
            said,
          }
        }),
      save: () =>
        asked(`Save the description of route ${name}`, async () => {
          askedAgain += await pressUntilTaken(current().page, clock, { press: pressSave, limitMs: actLimitMs })
          return { outcome: 'accepted' }
        }),
    }
  }

  return {
    async signIn() {
      // A worker before this one may have been killed at it.
      await rm(world.trace.folder, { recursive: true, force: true })
      await mkdir(world.trace.folder, { recursive: true, mode: 0o700 })
      opened = await openPage(world.origin, world.trace.folder)
      const { page, context } = opened
      waits = watchWaits(page, clock)
      documents = watchDocuments(page, clock)
      const { username, password } = world
      const because = await act('Sign in', async () => {
        const done = await signInOn(page, clock, { username, password, limitMs: actLimitMs, untilAnswered })
        maker = done.maker
        askedAgain += done.triedAgain
        await untilAnswered()
        await untilUsable()
      })
      if (because !== null)
        throw new EnvironmentError(`Nobody is signed in to the Dashboard: ${because}.`, { code: 'ERR_SIGN_IN' })
      const cookies = await context.cookies()
      for (const { value } of cookies) world.onSecret(value)
      recorder.record({ kind: 'signed-in', at: clock.now(), servedBy: maker })
      heartbeat = beat({ context, recorder, clock })
      await world.onSession(cookies.map(({ name, value }) => `${name}=${value}`).join('; '))
    },
    servedBy() {
      current()
      if (maker !== null) return maker
      throw new ScenarioError(
        'No balancer said which node made the session: expected the header x-firedrill-node on its answer.',
        { code: 'ERR_NOT_SERVED' },
      )
    },
    async refresh() {
      await act('Refresh the Dashboard', async () => {
        await current().page.reload({ timeout: actLimitMs })
        await untilAnswered()
        if (documents?.isSignedOut() || (await current().page.getByRole('textbox', { name: 'Password' }).isVisible()))
          throw new Error('the session was gone: the sign-in page came')
        await untilUsable()
      })
    },
    async openForm(name, edit) {
      const mark = { routeId: await world.routeId(name), description: unique(edit.description) }
      const unopened = await pictured(`Edit route ${name}`, await fillIn(name, mark.description))
      return formOf(name, { mark, unopened, warnings: await warningsOn(current().page) })
    },
    async close() {
      await heartbeat?.stop()
      const [ending, raw] = [opened, join(world.trace.folder, 'trace.zip')]
      heartbeat = null
      opened = null
      if (!ending) return
      try {
        await ending.close(raw)
        await world.trace.keep(raw)
      } finally {
        await rm(world.trace.folder, { recursive: true, force: true })
      }
    },
  }
}
