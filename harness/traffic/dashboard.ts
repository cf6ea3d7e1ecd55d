// The operator in a real browser: a page object by the labels a person reads, never by URL or markup.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import type { ChangeWorld } from './change.ts'
import { type DashboardView, openDashboard } from './dashboard-view.ts'
import { beat } from './heartbeat.ts'
import { openRouteForm, type RouteForm } from './route-form.ts'
import { signInOn } from './sign-in.ts'

const ACT_LIMIT_MS = 10_000

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

/** The signed-in operator's page. Acts that fail are written down, with a screenshot, and the script goes on. */
export interface DashboardPage {
  /**
   * Once, until it is closed: throws ScenarioError ERR_SIGNED_IN the second time. Rejects with EnvironmentError where no session comes of it:
   * what would be told of it then were told of none.
   */
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
  const { recorder, clock, change, actLimitMs = ACT_LIMIT_MS } = world
  let opened: DashboardView | null = null
  let heartbeat: { stop(): Promise<void> } | null = null
  let maker: string | null = null
  let pictures = 0
  let edits = 0

  const nextPicture = (): string => {
    pictures += 1
    return `dashboard-${String(pictures).padStart(2, '0')}.png`
  }

  const nextEdit = (): string => {
    edits += 1
    return `edit-${edits}`
  }

  const current = (): DashboardView => {
    if (opened) return opened
    throw new ScenarioError('The Dashboard is not open: call dashboard.signIn() first.', { code: 'ERR_NOT_SIGNED_IN' })
  }

  return {
    async signIn() {
      if (opened)
        throw new ScenarioError(
          'Refused to sign in to the Dashboard a second time: it is open, and a drill has one session. Call dashboard.signIn() once.',
          { code: 'ERR_SIGNED_IN' },
        )
      const { origin, folder, username, password } = world
      // A worker before this one may have been killed at it.
      await rm(world.trace.folder, { recursive: true, force: true })
      await mkdir(world.trace.folder, { recursive: true, mode: 0o700 })
      const traceFolder = world.trace.folder
      const view = await openDashboard({ origin, recorder, clock, folder, traceFolder, actLimitMs, nextPicture })
      opened = view
      const { page, context, untilAnswered } = view
      const because = await view.act('Sign in', async () => {
        const done = await signInOn(page, clock, { username, password, limitMs: actLimitMs, untilAnswered })
        maker = done.maker
        view.addAskedAgain(done.triedAgain)
        await untilAnswered()
        await view.untilUsable()
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
      const view = current()
      await view.act('Refresh the Dashboard', async () => {
        await view.page.reload({ timeout: actLimitMs })
        await view.untilAnswered()
        if (await view.isSignedOut()) throw new Error('the session was gone: the sign-in page came')
        await view.untilUsable()
      })
    },
    async openForm(name, { description }) {
      const routeId = await world.routeId(name)
      return openRouteForm({ recorder, clock, change, nextEdit }, current(), { name, routeId, description })
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
