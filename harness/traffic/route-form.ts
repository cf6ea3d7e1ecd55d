// A route's form on the Dashboard: reached click by click, filled in, and saved once or until it is taken.
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { CALLED_SERVICE } from '../topology/called-route.ts'
import { type Change, type ChangeWorld, followChange, type Mark, unique } from './change.ts'
import type { DashboardView } from './dashboard-view.ts'
import { newWarningOn, outcomeOfSave, pressOnce, pressUntilTaken, sayAnswer, warningsOn } from './presses.ts'

/** A route's form on the page, filled in and not saved yet. */
export interface RouteForm {
  /** Presses Save once. Where nothing is saved the page is looked at for what it says of that, and the form stays as it is. */
  tryToSave(): Promise<Change>
  /** Presses Save until it is taken. */
  save(): Promise<Change>
}

/** What a form needs of the drill. */
export interface FormWorld {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly change: ChangeWorld
  /** A name for the next request for a change, which no other of the drill has. */
  readonly nextEdit: () => string
}

/** What came of one request for a change. */
interface Asked {
  readonly outcome: Change['outcome']
  readonly because?: string
  readonly status?: number
  readonly said?: string | null
}

/** A form as it was opened. */
interface Filled {
  readonly name: string
  readonly mark: Mark & { readonly description: string }
  /** Why it is not there to be saved; null where it is. */
  readonly unopened: string | null
  /** What the page said already when it came. */
  readonly warnings: readonly string[]
}

/** Opens the form of the route with this name and id, and fills in a description that no other edit has. */
export const openRouteForm = async (
  world: FormWorld,
  view: DashboardView,
  { name, routeId, description }: { readonly name: string; readonly routeId: string; readonly description: string },
): Promise<RouteForm> => {
  const mark = { routeId, description: unique(description) }
  const unopened = await view.pictured(`Edit route ${name}`, await fillIn(view, name, mark.description))
  return formOf(world, view, { name, mark, unopened, warnings: await warningsOn(view.page) })
}

/** Click by click, each an act of its own: after each of them the page is of use, or is not. Resolves with why one failed. */
const fillIn = async (view: DashboardView, name: string, description: string): Promise<string | null> => {
  const { page, actLimitMs } = view
  const main = page.getByRole('main')
  // Whoever has an error page before them from an act that failed takes its way out, which has a longer name.
  const clicks: readonly (readonly [title: string, go: () => Promise<void>])[] = [
    ['Open Published Services', () => view.follow(page.getByRole('link', { name: 'Published Services' }))],
    [
      `Open service ${CALLED_SERVICE}`,
      () => view.follow(main.getByRole('link', { name: CALLED_SERVICE, exact: true })),
    ],
    [`Open route ${name}`, () => view.follow(main.getByRole('link', { name, exact: true }))],
    [
      `Edit route ${name}`,
      async () => {
        await page.getByRole('button', { name: 'Edit' }).click({ timeout: actLimitMs })
        await page.getByRole('textbox', { name: 'Description' }).fill(description, { timeout: actLimitMs })
      },
    ],
  ]
  for (const [title, go] of clicks) {
    const because = await view.timed(title, go)
    if (because !== null) return because
  }
  return null
}

const formOf = (world: FormWorld, view: DashboardView, { name, mark, unopened, warnings }: Filled): RouteForm => {
  const { recorder, clock } = world
  const { page, actLimitMs } = view
  const press = (timeout: number): Promise<void> => page.getByRole('button', { name: 'Save' }).click({ timeout })

  const untilShown = (): Promise<void> =>
    page.getByText(mark.description).first().waitFor({ state: 'visible', timeout: actLimitMs })

  /** One request for the change, under an id of its own. `isTry`: that it comes to nothing is no failure of the page. */
  const asked = async (
    { title, isTry }: { readonly title: string; readonly isTry: boolean },
    ask: () => Promise<Asked>,
  ): Promise<Change> => {
    const told = { id: world.nextEdit(), by: 'dashboard', what: `edit route ${name}` } as const
    recorder.record({ kind: 'change', at: clock.now(), ...told, stage: 'sent' })
    const unasked: Asked = { outcome: 'refused', ...(unopened !== null && { because: unopened }) }
    let came = unasked
    let since = clock.now()
    if (unopened === null) {
      const failed = await view.act(title, async () => {
        came = await ask()
        since = clock.now()
        // What was answered well is there, whatever the page makes of it: that it is of no use is the page's own.
        if (came.outcome === 'accepted') await untilShown()
        else if (!isTry) throw new Error(came.because)
      })
      if (failed !== null && came === unasked) {
        came = { outcome: 'unknown', because: failed }
        since = clock.now()
      }
    }
    const { outcome, ...why } = came
    recorder.record({ kind: 'change', at: since, ...told, stage: outcome, ...why })
    return followChange(world.change, told, { mark, outcome, since })
  }

  /** Beside the answer to a save that came to nothing, what the page says of it. */
  const withWarning = async (
    outcome: Change['outcome'],
    { status, because }: { readonly status: number | null; readonly because: string },
  ): Promise<Asked> => {
    const said = await newWarningOn(page, clock, warnings)
    return {
      outcome,
      because: `${because}${said === null ? ', and the page says nothing of it' : ''}`,
      ...(status !== null && { status }),
      said,
    }
  }

  return {
    tryToSave: () =>
      asked({ title: `Try to save the description of route ${name}`, isTry: true }, async () => {
        const status = await pressOnce(page, clock, { press, limitMs: actLimitMs })
        const outcome = outcomeOfSave(status)
        return outcome === 'accepted'
          ? { outcome }
          : withWarning(outcome, { status, because: `the save ${sayAnswer(status)}` })
      }),
    save: () =>
      asked({ title: `Save the description of route ${name}`, isTry: false }, async () => {
        const { outcome, status, because, pressedAgain } = await pressUntilTaken(page, clock, {
          press,
          limitMs: actLimitMs,
        })
        view.addAskedAgain(pressedAgain)
        return because === undefined ? { outcome } : withWarning(outcome, { status, because })
      }),
  }
}
