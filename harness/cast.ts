// The spine: the cast of a scenario, built in the order data flows, and the way from its script to a verdict.

import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { test as base, type TestInfo } from '@playwright/test'
import { passPhase, phaseOfChance } from './chance.ts'
import { comingUp } from './coming-up.ts'
import { backUpDatabase, type DatabaseBackup } from './database-backup.ts'
import { type DatabaseRoles, databaseRoles } from './database-roles.ts'
import { bringUp } from './deployment.ts'
import type { Fault } from './fault/faults.ts'
import { type Breaking, type FaultActs, type FaultInEffect, faultActs } from './fault-acts.ts'
import type { ScenarioInfo } from './history/event.ts'
import { type Options, optionsFrom, ROOT } from './options.ts'
import { type RemakeActs, remakeActs } from './remake-acts.ts'
import { judgeScenario, writeLeftBehind } from './report/judged.ts'
import { progressLine } from './report/terminal.ts'
import { redactTrace } from './report/trace.ts'
import { type SoakActs, soakActs } from './soak.ts'
import { openStage, type Stage } from './stage.ts'
import { type Duration, toMs } from './time/duration.ts'
import { ScenarioError } from './time/errors.ts'
import { type Rate, toRate } from './time/rate.ts'
import { type Gateway, gatewayOf, listed, type Targets } from './topology/group.ts'
import { remove } from './topology/residue.ts'
import { type Node, nodeNamed, type Role, type Topology } from './topology/topology.ts'
import type { Change } from './traffic/change.ts'
import { CALLED_ROUTE, type RouteChange } from './traffic/operator.ts'
import type { Objectives } from './verdict/objectives.ts'
import { admissionWaitMs, CONVERGENCE_WAIT_MS, dropWaitMs, mustStart, silenceLimitOf } from './waits.ts'

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
    }
  readonly callers: {
    /** How much these gateways carry when all of them have all they can do; before anybody else calls. */
    measureCapacity(gateways: Targets): Promise<void>
    /** Opens the lanes and waits until every check of the steady state has held for 5 s. */
    reachSteadyState(): Promise<void>
    /** Keeps everything as it is for this long, while callers call. */
    carryOn(length: Duration): Promise<void>
    /** From now on evenly to so many calls a second ('400/s'), or times what the drill was asked for ('3x'), on all lanes together, over so long; goes on at once. */
    ramp(change: { readonly to: Rate; readonly over: Duration }): Promise<void>
  }
  readonly operator: {
    changeRoute(name: string, change: RouteChange, options?: ChangeOptions): Promise<ChangeUnderWay>
    /** Beside the route that callers call, which stays as it is. */
    createRoute(name: string, path: string): Promise<ChangeUnderWay>
    deleteRoute(name: string): Promise<ChangeUnderWay>
    /**
     * Sets and deletes routes of its own, one write after another, until it is told to stop; every gateway's view of them is on
     * record until the drill ends. `lostChanges`, `convergence` and `writeOutage` judge all of it.
     */
    keepChanging(): Promise<ChangesUnderWay>
    /** As it is now, where it is led from. */
    backUpDatabase(): Promise<DatabaseBackup>
  }
  readonly dashboard: {
    signIn(): Promise<void>
    /** The node that made the session. */
    servedBy(): Node
    refresh(): Promise<void>
    editRoute(name: string, edit: { readonly description: string }): Promise<ChangeUnderWay>
  }
  readonly rotation: {
    drain(node: Node): Promise<FaultInEffect>
    drops(nodes: Targets): Promise<boolean>
    /** Whether it was so before the wait was over; a script that would go on to the next node had better ask. */
    admits(nodes: Targets): Promise<boolean>
  }
  readonly faults: FaultActs & RemakeActs & SoakActs
  readonly history: HistoryInHand
}

/** What `expect(history).toMeet(...)` takes. */
export interface HistoryInHand {
  readonly claim: (demand: Objectives) => void
}

/** Who is told no asks again, and is no load of its own. */
const NEXT_REQUEST_MS = 250

const names = (targets: Targets): string =>
  listed(targets)
    .map((node) => node.name)
    .join(', ')

const castOn = (stage: Stage, options: Options): Cast => {
  const { recorder, clock, faults, rotation, topology, settings } = stage
  const { check } = settings
  const { listens, saysReady } = comingUp(stage)
  let steps = 0

  /** Names a runbook step for the trace and the report alike. */
  const step = async <T>(title: string, act: () => Promise<T>): Promise<T> => {
    steps += 1
    const told = { kind: 'step', id: steps, title } as const
    recorder.record({ ...told, at: clock.now(), stage: 'begin' })
    try {
      const result = await base.step(title, act)
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
    },
    callers: {
      measureCapacity: (nodes) =>
        step(`Measure what ${names(nodes)} carry`, () => stage.measureCapacity(listed(nodes))),
      reachSteadyState: () =>
        step('Callers reach steady state', async () => {
          // A sign-in is a write: whoever first asks for a change while nobody takes one has to have a session by then.
          await stage.signedInApi()
          // And to know the route: while the store fails over, nobody may read the list.
          await stage.operator.routeId(CALLED_ROUTE)
          await stage.openLanes()
          if (await stage.reachSteadyState()) return
          throw new ScenarioError('No steady state within 30 s: nothing was broken, and nothing can be concluded.', {
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
          for (;;) {
            const asked = await stage.operator.changeRoute(name, change)
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
        step(`Edit route ${name} in the Dashboard`, async () => underWay(await stage.dashboard.editRoute(name, edit))),
    },
    rotation: {
      drain: (node) => breaks(stage.drain, node),
      drops: (nodes) =>
        step(`The balancers drop ${names(nodes)}`, () =>
          observe('drops', nodes, (node) => rotation.dropped(node, dropWaitMs(check))),
        ),
      admits: (nodes) =>
        step(`The balancers admit ${names(nodes)}`, () =>
          observe('admits', nodes, (node) =>
            rotation.admitted(node, admissionWaitMs(check, { mustStart: mustStart(recorder.events(), node.name) })),
          ),
        ),
    },
    faults: {
      ...acts,
      ...remakeActs({ processes: stage.processes, topology, options, breaks, listens, saysReady }),
      ...soakActs(acts, { topology, options, told: (title) => step(title, async () => console.log(`  ${title}`)) }),
    },
    history: {
      claim: (demand) =>
        recorder.record({
          kind: 'claim',
          at: clock.now(),
          demand: { ...demand, ...options.objectives[stage.scenario] },
        }),
    },
  }
}

const phaseOf = (stage: Stage): string => {
  const faults = stage.recorder.events().filter((event) => event.kind === 'fault')
  if (faults.length === 0) return 'steady'
  return stage.faults.inEffect().length > 0 ? 'disturbed' : 'recovered'
}

/** Prints one line a second while the drill goes on. */
const showProgress = (stage: Stage, scenario: string): (() => void) => {
  const timer = setInterval(() => {
    const live = stage.callers.live()
    process.stdout.write(
      `${progressLine({
        scenario,
        phase: phaseOf(stage),
        callsPerSecond: live.scheduled,
        answeredShare: live.scheduled ? live.answered / live.scheduled : 0,
        p99Ms: live.p99Ms,
        faultsInEffect: stage.faults.inEffect(),
        elapsedMs: stage.clock.now(),
      })}\n`,
    )
  }, 1000)
  return () => clearInterval(timer)
}

/** What the author gives beside the title. */
export interface ScenarioDetails {
  readonly tag?: string | string[]
  readonly annotation?: { readonly type: string; readonly description?: string }
  /**
   * What the deployment must have, or there is nothing to claim: a role, a stack, a setting of its Compose file (as
   * 'LB_CHECK=/status/ready', or one of several: 'COMPOSE_PROFILES=s3|azure'). `firedrill drill` skips the scenario where it has not, and says so.
   */
  readonly needs?: readonly (Role | `stack=${string}` | `${Uppercase<string>}=${string}`)[]
}

/** A scenario's script: the claim about a gateway, played by the cast. */
export type Script = (cast: Cast) => Promise<void>

const infoOf = (testInfo: TestInfo): ScenarioInfo => {
  const [file = ''] = testInfo.titlePath
  const [page, section] = testInfo.annotations.find((each) => each.type === 'runbook')?.description?.split(' · ') ?? []
  return {
    name: basename(file).replace(/\.scenario\.ts$/, ''),
    title: testInfo.title,
    file: basename(file),
    tags: testInfo.tags,
    ...(page && section && { runbook: { page, section } }),
  }
}

/** Plays a script to its end, whatever that is, then heals, records and judges. Rejects with the verdict's sentence unless it passed. */
const play = async (stage: Stage, script: Script, options: Options, scenario: string): Promise<void> => {
  const hideProgress = showProgress(stage, scenario)
  const outcome = await script(castOn(stage, options)).then(
    () => null,
    (error: Error) => error,
  )
  const code = (outcome as { code?: string } | null)?.code
  stage.recorder.record({
    kind: 'script',
    at: stage.clock.now(),
    outcome: outcome ? 'threw' : 'finished',
    ...(outcome && { because: outcome.message }),
    ...(code && { code }),
  })
  await stage.close(outcome === null)
  hideProgress()
  await conclude(stage)
}

const conclude = async (stage: Stage): Promise<void> => {
  // A trace holds the stacks of its calls, with this machine's paths.
  const redact = (text: string): string => stage.redactor.text(text).replaceAll(ROOT, '.')
  await redactTrace(`${stage.folder}/trace.zip`, redact).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  const { verdict } = await judgeScenario(stage.folder)
  if (verdict.outcome !== 'pass') throw new Error(`${verdict.outcome}: ${verdict.because}`)
}

/** A deployment that cannot be brought up is the machine's or the request's fault, not a verdict: exit code 3. */
const writeCouldNotRun = async (folder: string, error: unknown): Promise<void> => {
  const { name, message, code } = error as Error & { code?: string }
  await writeFile(join(folder, 'could-not-run.json'), JSON.stringify({ name, message, code: code ?? 'ERR_BRING_UP' }))
}

interface Played {
  /** Opens the stage lazily: a scenario that is skipped starts nothing. */
  play(script: Script): Promise<void>
}

const test = base.extend<{ stage: Played }, { deployment: Topology }>({
  deployment: [
    async ({}, use) => {
      const options = optionsFrom(process.env)
      const topology = await bringUp(options).catch(async (error: unknown) => {
        await writeCouldNotRun(options.folder, error)
        throw error
      })
      await use(topology)
      // A failed drill ends its worker; `--keep` then leaves the deployment, which the fixture below has healed.
      if (options.keep && process.env.FIREDRILL_FAILED === '1') return
      // The verdicts are written by now, and a removal that fails takes none of them back.
      await remove(options.run).catch((error: Error) => writeLeftBehind(options.folder, error.message))
    },
    // Compose has two minutes, and what it started one more to become usable: whoever runs out of time says so by itself.
    { scope: 'worker', timeout: 240_000 },
  ],
  stage: [
    async ({ deployment }, use, testInfo) => {
      const options = optionsFrom(process.env, repetitionOf(testInfo))
      const info = infoOf(testInfo)
      const stage = await openStage(deployment, options, info).catch((error: unknown) => {
        process.env.FIREDRILL_FAILED = '1'
        throw error
      })
      let isClosed = false
      await use({
        play: async (script) => {
          await play(stage, script, options, info.name).finally(() => {
            isClosed = stage.recorder.events().some((event) => event.kind === 'script')
          })
        },
      })
      if (testInfo.status !== 'passed') process.env.FIREDRILL_FAILED = '1'
      if (isClosed) return
      // Timed out or interrupted: the script is not cancelled and may still ask for faults; they are sealed by healing.
      stage.recorder.record({
        kind: 'script',
        at: stage.clock.now(),
        outcome: 'timed-out',
        because: `ended as ${testInfo.status}`,
      })
      await stage.close(false)
      await conclude(stage)
    },
    { timeout: 25_000 },
  ],
})

/**
 * Declares a scenario: one claim about a gateway. The script ends with `expect(history).toMeet(...)`. Asked for several times it is
 * that many tests, so that all of them find the deployment up.
 */
export const scenario = (title: string, details: ScenarioDetails, script: Script): void => {
  const { annotation, tag } = details
  const { times } = optionsFrom(process.env)
  for (let repetition = 1; repetition <= times; repetition += 1) {
    const count = { type: REPETITION, description: String(repetition) }
    const annotations = [...(annotation ? [annotation] : []), ...(times > 1 ? [count] : [])]
    const titled = times > 1 ? `${title} (${repetition} of ${times})` : title
    test(titled, { ...(tag && { tag }), annotation: annotations }, async ({ stage }) => stage.play(script))
  }
}

const REPETITION = 'repetition'

const repetitionOf = (testInfo: TestInfo): number =>
  Number(testInfo.annotations.find(({ type }) => type === REPETITION)?.description ?? 1)

/** The vendor's runbook section that a scenario answers: page by its number in the seeds, section by its heading. */
export const runbook = (page: string, section: string): { type: string; description: string } => ({
  type: 'runbook',
  description: `${page} · ${section}`,
})
