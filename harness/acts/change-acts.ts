// What a script changes: through the Admin API and on the Dashboard's page, each change to be waited for at the gateways.
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../time/clock.ts'
import { type Duration, toMs } from '../time/duration.ts'
import { listed, type Targets } from '../topology/group.ts'
import { type Node, nodeNamed, type Topology } from '../topology/topology.ts'
import type { Change } from '../traffic/change.ts'
import type { ChangeStream } from '../traffic/change-stream.ts'
import type { DashboardPage } from '../traffic/dashboard.ts'
import type { Operator } from '../traffic/operator.ts'
import { type RouteChange, uniqueChange } from '../traffic/route-change.ts'
import type { DatabaseBackup } from './database-backup.ts'
import { type Named, names } from './steps.ts'
import { CONVERGENCE_WAIT_MS } from './waits.ts'

/** A configuration change that a script waits for. */
export interface ChangeUnderWay {
  /** Waits until every gateway of the group that is in rotation shows it; running out is a finding, not an exception. */
  reaches(group: Targets): Promise<void>
  /** Looks at every gateway of the group afresh: it is there still, whatever was lost in between. Running out is a finding, too. */
  remains(group: Targets): Promise<void>
}

/** A stream of changes that goes on. */
export interface ChangesUnderWay {
  /** Writes nothing more, and waits for the write that is out. */
  stop(): Promise<void>
}

/** A route's form on the Dashboard's page, filled in and not saved yet. */
export interface FilledForm {
  /** Presses Save once. Where nothing is saved, what the page says of that is on record: `unansweredChanges` judges whether it said anything. */
  tryToSave(): Promise<void>
  /** Presses Save, and again where an error comes. */
  save(): Promise<ChangeUnderWay>
}

/** Asked of a change beyond what it changes. */
export interface ChangeOptions {
  /** Asks again and again until it is accepted, for so long at most; every request is on record. Once where nothing is said. */
  readonly within?: Duration
}

export interface OperatorActs {
  /** Changes a route that is there. Refused or not answered, it is on record as that. Throws ScenarioError ERR_NO_ROUTE where there is none of that name. */
  changeRoute(name: string, change: RouteChange, options?: ChangeOptions): Promise<ChangeUnderWay>
  /** Beside the route that callers call, which stays as it is. */
  createRoute(name: string, path: string): Promise<ChangeUnderWay>
  /** Deletes a route; the change reaches a gateway once that does not show it any more. */
  deleteRoute(name: string): Promise<ChangeUnderWay>
  /**
   * Sets and deletes routes of its own, one write after another, until it is told to stop; every gateway's view of them is on
   * record until the drill ends. `lostChanges`, `convergence` and `writeOutage` judge all of it. Once a drill: throws ScenarioError
   * ERR_SECOND_STREAM the second time.
   */
  keepChanging(): Promise<ChangesUnderWay>
  /** Dumps the database as it is now, on its current primary. */
  backUpDatabase(): Promise<DatabaseBackup>
}

export interface DashboardActs {
  /**
   * Signs in, in a real browser. From then on the session beats four times a second, and the Dashboard has lanes of its own. Once a drill:
   * throws ScenarioError ERR_SIGNED_IN the second time.
   */
  signIn(): Promise<void>
  /** The node that made the session. Throws ScenarioError before signIn. */
  servedBy(): Node
  /** Reloads the page until it is usable; how long that took is on record. */
  refresh(): Promise<void>
  /** Opens the form, fills it in and saves it, pressing again where an error comes. */
  editRoute(name: string, edit: { readonly description: string }): Promise<ChangeUnderWay>
  /** Opens the route's form and fills it in, without saving it. */
  openForm(name: string, edit: { readonly description: string }): Promise<FilledForm>
}

/** The pause before a request that was not accepted is made again: a retry that never pauses is load. */
const NEXT_REQUEST_MS = 250

/** Waits for a change as steps of their own. */
const underWay = (step: Named, change: Change): ChangeUnderWay => ({
  reaches: (group) =>
    step(
      `The change reaches ${names(group)}`,
      async () => void (await change.reaches(listed(group), CONVERGENCE_WAIT_MS)),
    ),
  remains: (group) =>
    step(
      `The change remains at ${names(group)}`,
      async () => void (await change.remains(listed(group), CONVERGENCE_WAIT_MS)),
    ),
})

/** The operator signs in before the first act, where that has not been done. */
export const operatorActs = (
  {
    operator,
    signedInApi,
    streamChanges,
    backUp,
    clock,
  }: {
    readonly operator: Operator
    readonly signedInApi: () => Promise<void>
    readonly streamChanges: () => Promise<ChangeStream>
    readonly backUp: () => Promise<DatabaseBackup>
    readonly clock: Clock
  },
  step: Named,
): OperatorActs => {
  const asksFor = (title: string, ask: () => Promise<Change>): Promise<ChangeUnderWay> =>
    step(title, async () => {
      await signedInApi()
      return underWay(step, await ask())
    })
  return {
    changeRoute: (name, change, { within = '0ms' } = {}) =>
      asksFor(`Change route ${name}`, async () => {
        const until = clock.now() + toMs(within)
        const own = uniqueChange(change)
        for (;;) {
          const asked = await operator.changeRoute(name, own)
          if (asked.outcome === 'accepted' || clock.now() >= until) return asked
          await wait(NEXT_REQUEST_MS)
        }
      }),
    createRoute: (name, path) => asksFor(`Create route ${name}`, () => operator.createRoute(name, path)),
    deleteRoute: (name) => asksFor(`Delete route ${name}`, () => operator.deleteRoute(name)),
    keepChanging: () =>
      step('Keep changing routes', async () => {
        const stream = await streamChanges()
        return { stop: () => step('Stop changing routes', stream.stop) }
      }),
    backUpDatabase: () =>
      step('Back up the database', async () => {
        const { restore } = await backUp()
        return { restore: () => step('Restore the database', restore) }
      }),
  }
}

/** The same operator, in the browser. */
export const dashboardActs = (
  { dashboard, topology }: { readonly dashboard: DashboardPage; readonly topology: Topology },
  step: Named,
): DashboardActs => ({
  signIn: () => step('Sign in to the Dashboard', () => dashboard.signIn()),
  servedBy: () => nodeNamed(topology, dashboard.servedBy()),
  refresh: () => step('Refresh the Dashboard', () => dashboard.refresh()),
  editRoute: (name, edit) =>
    step(`Edit route ${name} in the Dashboard`, async () =>
      underWay(step, await (await dashboard.openForm(name, edit)).save()),
    ),
  openForm: (name, edit) =>
    step(`Open the form of route ${name} in the Dashboard`, async () => {
      const form = await dashboard.openForm(name, edit)
      return {
        tryToSave: () => step(`Try to save route ${name}`, async () => void (await form.tryToSave())),
        save: () => step(`Save route ${name}`, async () => underWay(step, await form.save())),
      }
    }),
})
