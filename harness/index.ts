// The front door for scenario authors: scenario, runbook, expect and their types. Nothing else is public.
import type { HistoryInHand } from './cast.ts'
import type { Objectives } from './verdict/objectives.ts'

export type {
  ChangeOptions,
  ChangesUnderWay,
  ChangeUnderWay,
  DashboardActs,
  FilledForm,
  OperatorActs,
} from './acts/change-acts.ts'
export type { DatabaseBackup } from './acts/database-backup.ts'
export type { DatabaseRoles } from './acts/database-roles.ts'
export type { FaultActs, FaultInEffect } from './acts/fault-acts.ts'
export type { RemakeActs } from './acts/remake-acts.ts'
export type { RotationActs } from './acts/rotation-acts.ts'
export type { SoakActs, SoakTurn } from './acts/soak.ts'
export type { Cast, HistoryInHand } from './cast.ts'
export { runbook, type ScenarioDetails, type Script, scenario } from './scenario.ts'
export type { Duration } from './time/duration.ts'
export type { Rate } from './time/rate.ts'
export type { Gateway, NodeGroup, Targets } from './topology/group.ts'
export type { Node, Role, Zone } from './topology/topology.ts'
export type { RouteChange } from './traffic/route-change.ts'
export type { LatencyLimit, Objectives } from './verdict/objectives.ts'

/**
 * `expect(history).toMeet(objectives)` writes the claim into the history. It is judged when the tail has passed, from
 * the files: by then the calls that were under way have ended, and the verdict fails the test if the claim does not hold.
 */
export const expect = (history: HistoryInHand): { toMeet(objectives: Objectives): void } => ({
  toMeet: (objectives) => history.claim(objectives),
})
