// The spine: the cast of a scenario, built in the order data flows.
import { setTimeout as wait } from 'node:timers/promises'
import { passPhase, phaseOfChance } from './chance.ts'
import { comingUp } from './coming-up.ts'
import { backUpDatabase, type DatabaseBackup } from './database-backup.ts'
import { type DatabaseRoles, databaseRoles } from './database-roles.ts'
import type { Fault } from './fault/fault.ts'
import { type Breaking, type FaultActs, type FaultInEffect, faultActs } from './fault-acts.ts'
import { type Event, eventsOf } from './history/event.ts'
import type { Options } from './options.ts'
import { type RemakeActs, remakeActs } from './remake-acts.ts'
import { type SoakActs, soakActs } from './soak.ts'
import type { Stage } from './stage.ts'
import { heldTo, refuseUnfitClaim } from './team-limits.ts'
import { type Duration, toMs } from './time/duration.ts'
import { ScenarioError } from './time/errors.ts'
import { type Rate, toRate } from './time/rate.ts'
import { type Gateway, gatewayOf, listed, type Targets } from './topology/group.ts'
import { type Node, nodeNamed } from './topology/topology.ts'
import type { Change } from './traffic/change.ts'
import { CALLED_ROUTE, type RouteChange, uniqueChange } from './traffic/operator.ts'
import type { Objectives } from './verdict/objectives.ts'
import {
  admissionWaitMs,
  CONVERGENCE_WAIT_MS,
  checksOn,
  dropWaitMs,
  failoverLimitOf,
  lastActOn,
  longestOf,
  mustStart,
  silenceLimitOf,
  wholeCheckMs,
} from './waits.ts'

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

/** Who plays in a scenario. Acts are imperative, observations indicative; nothing here sleeps. */
export interface Cast {
  readonly gateway: Gateway &
    DatabaseRoles & {
      /** After so long without a word of its control plane a gateway must have noticed, by its own settings. */
      readonly silenceLimit: Duration
      /** For so long nobody may take a write while a standby takes over from a lost primary, by Patroni's own settings. */
      readonly failoverLimit: Duration
    }
  readonly callers: {
    /** How much each of these groups carries when all of its gateways have all they can do; before anybody else calls. */
    measureCapacity(...groups: readonly Targets[]): Promise<void>
    /**
     * Opens the lanes, and waits until every check of the steady state has held for 5 s without a gap above 50 ms between answers. It waits
     * 30 s for the checks, and then some more for such a stretch (20 s) and for a machine that is quiet (20 s). Throws ScenarioError
     * ERR_NO_STEADY_STATE where the checks do not hold.
     */
    reachSteadyState(): Promise<void>
    /** Keeps everything as it is for this long, while callers call. */
    carryOn(length: Duration): Promise<void>
    /**
     * Moves the main lanes evenly, over so long, to so many calls a second together ('400/s'), or to a multiple of what the drill was asked for
     * ('3x'). Resolves as the ramp begins. Throws ScenarioError ERR_NO_CALLERS before reachSteadyState.
     */
    ramp(change: { readonly to: Rate; readonly over: Duration }): Promise<void>
  }
  readonly operator: {
    /** Changes a route that is there. Refused or not answered, it is on record as that. Throws ScenarioError ERR_NO_ROUTE where there is none of that name. */
    changeRoute(name: string, change: RouteChange, options?: ChangeOptions): Promise<ChangeUnderWay>
    /** Beside the route that callers call, which stays as it is. */
    createRoute(name: string, path: string): Promise<ChangeUnderWay>
    /** Deletes a route; the change reaches a gateway once that does not show it any more. */
    deleteRoute(name: string): Promise<ChangeUnderWay>
    /**
     * Sets and deletes routes of its own, one write after another, until it is told to stop; every gateway's view of them is on
     * record until the drill ends. `lostChanges`, `convergence` and `writeOutage` judge all of it.
     */
    keepChanging(): Promise<ChangesUnderWay>
    /** Dumps the database as it is now, on its current primary. */
    backUpDatabase(): Promise<DatabaseBackup>
  }
  readonly dashboard: {
    /** Signs in, in a real browser. From then on the session beats four times a second, and the Dashboard has lanes of its own. */
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
  readonly rotation: {
    /** Has every balancer give the node no new calls, until it is healed. */
    drain(node: Node): Promise<FaultInEffect>
    /** Waits until no balancer trusts these nodes any more. False where the wait ran out, which is on record and a finding. */
    drops(nodes: Targets): Promise<boolean>
    /** Waits until every balancer trusts these nodes. False where the wait ran out: check it before going on to the next node. */
    admits(nodes: Targets): Promise<boolean>
  }
  readonly faults: FaultActs & RemakeActs & SoakActs
  readonly history: HistoryInHand
}

/** What `expect(history).toMeet(...)` takes. */
export interface HistoryInHand {
  readonly claim: (demand: Objectives) => void
}

/** The pause before a request that was not accepted is made again: a retry that never pauses is load. */
const NEXT_REQUEST_MS = 250

const names = (targets: Targets): string =>
  listed(targets)
    .map((node) => node.name)
    .join(', ')

/** What was broken before nothing was steady: a script may ask for the steady state between its faults. */
const sayBroken = (events: readonly Event[]): string => {
  const faults = eventsOf(events, 'fault').filter(({ stage }) => stage === 'intent')
  const last = faults.at(-1)
  if (!last) return ': nothing was broken, and nothing can be concluded'
  const what = `${last.fault} of ${last.targets.join(', ')}`
  return ` after ${faults.length > 1 ? `${faults.length} faults, the last of them ${what}` : what}`
}

/** Carries an act out under a name that whoever runs the scenario shows. */
export type Named = <T>(title: string, act: () => Promise<T>) => Promise<T>

/** Everybody who plays on this stage. */
export const castOn = (stage: Stage, options: Options, named: Named): Cast => {
  const { recorder, clock, faults, rotation, topology, settings } = stage
  const { listens, saysReady } = comingUp(stage)
  let steps = 0

  /** Names a runbook step for the trace and the report alike. */
  const step = async <T>(title: string, act: () => Promise<T>): Promise<T> => {
    steps += 1
    const told = { kind: 'step', id: steps, title } as const
    recorder.record({ ...told, at: clock.now(), stage: 'begin' })
    try {
      const result = await named(title, act)
      recorder.record({ ...told, at: clock.now(), stage: 'end' })
      return result
    } catch (error) {
      recorder.record({
        ...told,
        at: clock.now(),
        stage: 'end',
        error: (error as Error).message.split('\n')[0] ?? 'unknown',
      })
      throw error
    }
  }

  const observe = async (
    observed: 'drops' | 'admits',
    nodes: Targets,
    look: (node: Node) => Promise<boolean>,
  ): Promise<boolean> => {
    if (listed(nodes).length === 0)
      throw new ScenarioError(
        `Refused to wait until the balancers' rotation ${observed} nobody: the group is empty in this deployment.`,
        {
          code: 'ERR_EMPTY_GROUP',
        },
      )
    const from = clock.now()
    const seen = await Promise.all(listed(nodes).map(look))
    const missing = listed(nodes).filter((_, i) => !seen[i])
    const told = missing.length ? missing : listed(nodes)
    recorder.record({
      kind: 'observation',
      at: clock.now(),
      observed,
      nodes: told.map((node) => node.name),
      outcome: missing.length ? 'ran-out' : 'seen',
      waitedMs: clock.now() - from,
    })
    return missing.length === 0
  }

  /** Heals with the data-plane targets' own word on readiness followed, from before the heal until they are ready and trusted. */
  const healFollowed = async (fault: Fault, order?: Targets): Promise<void> => {
    const isFollowed = (node: Node): boolean => fault.kind !== 'drain' && node.role === 'data-plane'
    for (const node of fault.targets.filter(isFollowed)) stage.followReadiness(node)
    await fault.heal(order && listed(order))
  }

  const inEffect = (fault: Fault): FaultInEffect => ({
    heal: (order) => step(`Heal: ${fault.kind} of ${names(fault.targets)}`, () => healFollowed(fault, order)),
  })

  const chance = phaseOfChance(settings, options)

  const breaks: Breaking['breaks'] = async (kind, nodes, faultOptions) => {
    if (chance) await passPhase(chance, step)
    return step(`${kind.kind} ${names(nodes)}`, async () =>
      inEffect(await faults.inject(kind, listed(nodes), faultOptions)),
    )
  }

  const underWay = (change: Change): ChangeUnderWay => ({
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

  const asksFor = (title: string, ask: () => Promise<Change>): Promise<ChangeUnderWay> =>
    step(title, async () => {
      await stage.signedInApi()
      return underWay(await ask())
    })

  const restarts: Breaking['restarts'] = async (kind, nodes, faultOptions) => {
    if (chance) await passPhase(chance, step)
    return step(`${kind.kind} ${names(nodes)}`, async () => {
      for (const node of listed(nodes)) {
        await healFollowed(await faults.inject(kind, [node], faultOptions))
        await listens(node)
      }
    })
  }

  const acts = faultActs(stage, { breaks, restarts })
  const roles = databaseRoles({ topology, get: stage.callers.get, clock })

  return {
    gateway: {
      ...gatewayOf(topology, options.seed),
      ...roles,
      silenceLimit: silenceLimitOf(settings),
      failoverLimit: failoverLimitOf(settings),
    },
    callers: {
      measureCapacity: (...groups) =>
        step(`Measure what ${groups.map(names).join('; ')} carry`, () => stage.measureCapacity(groups.map(listed))),
      reachSteadyState: () =>
        step('Callers reach steady state', async () => {
          // A sign-in is a write: whoever first asks for a change while nobody takes one has to have a session by then.
          await stage.signedInApi()
          // And to know the route: while the store fails over, nobody may read the list.
          await stage.operator.routeId(CALLED_ROUTE)
          await stage.openLanes()
          if (await stage.reachSteadyState()) return
          throw new ScenarioError(`No steady state within 30 s${sayBroken(recorder.events())}.`, {
            code: 'ERR_NO_STEADY_STATE',
          })
        }),
      carryOn: (length) => step(`Carry on for ${length}`, () => wait(toMs(length))),
      ramp: ({ to, over }) =>
        step(`Ramp to ${to} over ${over}`, () => stage.ramp(toRate(to, stage.settings.rate), toMs(over))),
    },
    operator: {
      changeRoute: (name, change, { within = '0ms' } = {}) =>
        step(`Change route ${name}`, async () => {
          await stage.signedInApi()
          const until = clock.now() + toMs(within)
          const own = uniqueChange(change)
          for (;;) {
            const asked = await stage.operator.changeRoute(name, own)
            if (asked.outcome === 'accepted' || clock.now() >= until) return underWay(asked)
            await wait(NEXT_REQUEST_MS)
          }
        }),
      createRoute: (name, path) => asksFor(`Create route ${name}`, () => stage.operator.createRoute(name, path)),
      deleteRoute: (name) => asksFor(`Delete route ${name}`, () => stage.operator.deleteRoute(name)),
      keepChanging: () =>
        step('Keep changing routes', async () => {
          const stream = await stage.streamChanges()
          return { stop: () => step('Stop changing routes', stream.stop) }
        }),
      backUpDatabase: () =>
        step('Back up the database', async () => {
          const backup = await backUpDatabase({ runtime: stage.processes.runtime, primary: roles.primary })
          return { restore: () => step('Restore the database', backup.restore) }
        }),
    },
    dashboard: {
      signIn: () => step('Sign in to the Dashboard', () => stage.dashboard.signIn()),
      servedBy: () => nodeNamed(topology, stage.dashboard.servedBy()),
      refresh: () => step('Refresh the Dashboard', () => stage.dashboard.refresh()),
      editRoute: (name, edit) =>
        step(`Edit route ${name} in the Dashboard`, async () =>
          underWay(await (await stage.dashboard.openForm(name, edit)).save()),
        ),
      openForm: (name, edit) =>
        step(`Open the form of route ${name} in the Dashboard`, async () => {
          const form = await stage.dashboard.openForm(name, edit)
          return {
            tryToSave: () => step(`Try to save route ${name}`, async () => void (await form.tryToSave())),
            save: () => step(`Save route ${name}`, async () => underWay(await form.save())),
          }
        }),
    },
    rotation: {
      drain: (node) => breaks(stage.drain, node),
      drops: (nodes) =>
        step(`The balancers drop ${names(nodes)}`, () =>
          observe('drops', nodes, (node) =>
            rotation.dropped(node, longestOf(checksOn(node.name, settings, recorder.events()), dropWaitMs)),
          ),
        ),
      admits: (nodes) =>
        step(`The balancers admit ${names(nodes)}`, () =>
          observe('admits', nodes, (node) => {
            const events = recorder.events()
            const checks = checksOn(node.name, settings, events)
            const hasToStart = mustStart(events, node.name)
            return rotation.admitted(node, {
              actedAt: lastActOn(events, node.name),
              wholeCheckMs: longestOf(checks, wholeCheckMs),
              limitMs: longestOf(checks, (check) => admissionWaitMs(check, { mustStart: hasToStart })),
            })
          }),
        ),
    },
    faults: {
      ...acts,
      ...remakeActs({ processes: stage.processes, topology, options, breaks, listens, saysReady }),
      ...soakActs(acts, { topology, options, told: (title) => step(title, async () => console.log(`  ${title}`)) }),
    },
    history: {
      claim: (demand) => {
        refuseUnfitClaim(stage.scenario, { ...demand })
        recorder.record({
          kind: 'claim',
          at: clock.now(),
          ...heldTo({ ...demand }, options.objectives[stage.scenario]),
        })
      },
    },
  }
}
