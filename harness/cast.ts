// The spine: the cast of a scenario, built in the order data flows.
import { setTimeout as wait } from 'node:timers/promises'
import { passPhase, phaseOfChance } from './acts/chance.ts'
import { type DashboardActs, dashboardActs, type OperatorActs, operatorActs } from './acts/change-acts.ts'
import { comingUp } from './acts/coming-up.ts'
import { backUpDatabase } from './acts/database-backup.ts'
import { type DatabaseRoles, databaseRoles } from './acts/database-roles.ts'
import { type Breaking, type FaultActs, type FaultInEffect, faultActs } from './acts/fault-acts.ts'
import { type RemakeActs, remakeActs } from './acts/remake-acts.ts'
import { type RotationActs, rotationActs } from './acts/rotation-acts.ts'
import { type SoakActs, soakActs } from './acts/soak.ts'
import { type Named, names, onRecord } from './acts/steps.ts'
import { failoverLimitOf, silenceLimitOf } from './acts/waits.ts'
import type { Fault } from './fault/fault.ts'
import { type Event, eventsOf } from './history/event.ts'
import { STEADY_HELD_MS } from './history/periods.ts'
import type { Options } from './options.ts'
import type { Stage } from './stage/stage.ts'
import { STEADY_LIMIT_MS } from './stage/steadiness.ts'
import { heldTo, refuseOtherClaim, refuseUnfitClaim } from './team-limits.ts'
import { type Duration, sayMs, toMs } from './time/duration.ts'
import { ScenarioError } from './time/errors.ts'
import { type Rate, toRate } from './time/rate.ts'
import { CALLED_ROUTE } from './topology/called-route.ts'
import { type Gateway, gatewayOf, listed, type Targets } from './topology/group.ts'
import type { Node } from './topology/topology.ts'
import type { Objectives } from './verdict/objectives.ts'

/** Who plays in a scenario. Acts are imperative, observations indicative; the only wait for a length of time is `carryOn`. */
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
  readonly operator: OperatorActs
  readonly dashboard: DashboardActs
  readonly rotation: RotationActs
  readonly faults: FaultActs & RemakeActs & SoakActs
  readonly history: HistoryInHand
}

/** What `expect(history).toMeet(...)` takes. */
export interface HistoryInHand {
  readonly claim: (demand: Objectives) => void
}

/** What was broken before nothing was steady: a script may ask for the steady state between its faults. */
const sayBroken = (events: readonly Event[]): string => {
  const faults = eventsOf(events, 'fault').filter(({ stage }) => stage === 'intent')
  const last = faults.at(-1)
  if (!last) return ': nothing was broken, and nothing can be concluded'
  const what = `${last.fault} of ${last.targets.join(', ')}`
  return ` after ${faults.length > 1 ? `${faults.length} faults, the last of them ${what}` : what}`
}

/** What did not hold as the wait for the steady state ended; nothing where that was not looked at. */
const sayUnsteady = (events: readonly Event[]): string => {
  const look = eventsOf(events, 'steady').at(-1)
  if (!look) return ''
  const amiss = look.checks.filter(({ ok }) => !ok)
  if (amiss.length > 0) return ` It did not hold that ${sayChecks(amiss)}.`
  const { lastAmiss } = look
  const last = lastAmiss
    ? `: ${sayMs(look.at - lastAmiss.at)} before, it did not hold that ${sayChecks(lastAmiss.checks)}`
    : ''
  return ` Each check held in the end, and not all of them for ${STEADY_HELD_MS / 1000} s${last}.`
}

const sayChecks = (checks: readonly { readonly name: string; readonly because: string }[]): string =>
  checks.map(({ name, because }) => `${name} (${because})`).join('; ')

/** How faults are carried out on this stage: as steps, each at its phase of chance. */
const breakingOn = (stage: Stage, options: Options, step: Named, listens: (node: Node) => Promise<void>): Breaking => {
  const inEffect = (fault: Fault): FaultInEffect => ({
    heal: (order) => step(`Heal: ${fault.kind} of ${names(fault.targets)}`, () => fault.heal(order && listed(order))),
  })
  const chance = phaseOfChance(stage.settings, options)
  return {
    breaks: async (kind, nodes, faultOptions) => {
      if (chance) await passPhase(chance, step)
      return step(`${kind.kind} ${names(nodes)}`, async () =>
        inEffect(await stage.faults.inject(kind, listed(nodes), faultOptions)),
      )
    },
    restarts: async (kind, nodes, faultOptions) => {
      if (chance) await passPhase(chance, step)
      return step(`${kind.kind} ${names(nodes)}`, async () => {
        for (const node of listed(nodes)) {
          const fault = await stage.faults.inject(kind, [node], faultOptions)
          await fault.heal()
          await listens(node)
        }
      })
    },
  }
}

/** Everybody who plays on this stage, each act and observation carried out under its name by `named`. */
export const castOn = (stage: Stage, options: Options, named: Named): Cast => {
  const { recorder, clock, topology, settings } = stage
  const step = onRecord(stage, named)
  const { listens, saysReady, serves } = comingUp(stage)
  const breaking = breakingOn(stage, options, step, listens)
  const acts = faultActs(stage, breaking)
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
          const events = recorder.events()
          throw new ScenarioError(
            `No steady state within ${STEADY_LIMIT_MS / 1000} s${sayBroken(events)}.${sayUnsteady(events)}`,
            {
              code: 'ERR_NO_STEADY_STATE',
            },
          )
        }),
      carryOn: (length) => step(`Carry on for ${length}`, () => wait(toMs(length))),
      ramp: ({ to, over }) =>
        step(`Ramp to ${to} over ${over}`, () => stage.ramp(toRate(to, settings.rate), toMs(over))),
    },
    operator: operatorActs(
      {
        ...stage,
        backUp: () => backUpDatabase({ ...stage, runtime: stage.processes.runtime, primary: roles.primary }),
      },
      step,
    ),
    dashboard: dashboardActs(stage, step),
    rotation: rotationActs(stage, { step, drains: (nodes) => breaking.breaks(stage.drain, nodes) }),
    faults: {
      ...acts,
      ...remakeActs({
        processes: stage.processes,
        topology,
        options,
        breaks: breaking.breaks,
        listens,
        saysReady,
        serves,
      }),
      ...soakActs(acts, { topology, options, told: (title) => step(title, async () => console.log(`  ${title}`)) }),
    },
    history: {
      claim: (demand) => {
        refuseUnfitClaim(stage.scenario, { ...demand })
        const claim = heldTo({ ...demand }, options.objectives[stage.scenario])
        refuseOtherClaim(eventsOf(recorder.events(), 'claim').at(-1)?.demand, claim.demand)
        recorder.record({ kind: 'claim', at: clock.now(), ...claim })
      },
    },
  }
}
