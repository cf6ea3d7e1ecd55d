// What the callers cost beside other generators, how late they send and how far they go: figures, targets and tables.
import { columns } from './columns.ts'
import { quantile } from './fault-bench.ts'

/** What load-once.ts is told: so many programs of the callers', each with these lanes. */
export interface LoadPlan {
  readonly url: string
  readonly programs: number
  readonly seconds: number
  /** Whether the programs' threads get the callers' core to themselves, in real time, as a drill's callers go where the engine lets them. */
  readonly apart?: boolean
  readonly lanes: readonly { readonly connections: 'kept-alive' | 'new'; readonly rate: number }[]
}

/** What the record of all these programs says. */
export interface Called {
  readonly scheduled: number
  /** Of those scheduled: the calls whose end is in the files. */
  readonly recorded: number
  readonly unsent: number
  readonly answered: number
  /** How long each standstill of a sending thread was. */
  readonly stallMs: readonly number[]
  /** Whether its programs ran in real time. */
  readonly isApart: boolean
  /** Send minus schedule, in ms. */
  readonly late: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number }
}

/** One turn of one generator on a processor of its own. */
export interface Spent {
  /** Calls a second, as the server counted them. */
  readonly rate: number
  /** Processor time of all its processes. */
  readonly microsecondsACall: number
  /** The share of a processor. */
  readonly share: number
}

export interface Cost {
  readonly tool: string
  /** One of each repetition. */
  readonly all: readonly Spent[]
}

export interface Lateness {
  readonly rate: number
  /** `aloneShare`: what undici takes of a core for as many calls without our callers. */
  readonly all: readonly (Spent & Pick<Called, 'late' | 'isApart'> & { readonly aloneShare: number })[]
}

export interface Scale {
  readonly programs: number
  readonly rate: number
  readonly called: Called
  /** How many calls the server says it took. */
  readonly served: number
}

/** DESIGN.md §8. */
export const TARGETS = { timesWrk: 2.2, lateP99Ms: 0.5, share: 0.1 } as const

export const CALLERS = 'callers'
const REFERENCE = 'wrk'

/** The middle repetition's: a machine that is shared is slower now and then. */
const median = (values: readonly number[]): number => quantile(values, 0.5)

/** A tool's processor time per call over wrk's, each pair from one repetition; NaN where wrk was not measured. */
export const timesWrk = (costs: readonly Cost[], tool: string): number => {
  const of = (name: string): readonly Spent[] => costs.find((cost) => cost.tool === name)?.all ?? []
  const wrk = of(REFERENCE)
  return median(
    of(tool).flatMap(({ microsecondsACall }, i) => {
      const reference = wrk[i]
      return reference ? [microsecondsACall / reference.microsecondsACall] : []
    }),
  )
}

/** What was missed, as words. Without wrk there is no ratio, and nothing is asked. */
export const missedCost = (costs: readonly Cost[]): readonly string[] => {
  const times = timesWrk(costs, CALLERS)
  if (times <= TARGETS.timesWrk || unaskedCost(costs).length > 0) return []
  return [Number.isNaN(times) ? 'nobody knows what a call costs' : `${times.toFixed(2)} x wrk`]
}

/** Of what nothing is asked, as words: then it is not met either. */
export const unaskedCost = (costs: readonly Cost[]): readonly string[] =>
  costs.some(({ tool, all }) => tool === REFERENCE && all.length > 0) ? [] : ['CPU a call: no wrk to compare with']

export const missedLateness = ({ rate, all }: Lateness): readonly string[] => {
  const lateMs = median(all.map(({ late }) => late.p99))
  const share = median(all.map((one) => one.share))
  return [
    ...(lateMs <= TARGETS.lateP99Ms ? [] : [`lateness at ${rate}/s`]),
    ...(share <= TARGETS.share ? [] : [`share of a core at ${rate}/s`]),
  ]
}

/** Nothing unsent, nothing without an end, and every call that was answered taken by the server, once. */
export const missedScale = ({ called, served }: Scale): readonly string[] => [
  ...(called.unsent === 0 ? [] : [`${called.unsent} calls were not sent`]),
  ...(called.recorded === called.scheduled
    ? []
    : [`${called.scheduled - called.recorded} calls have no end on record`]),
  ...(served === called.scheduled - called.unsent
    ? []
    : [`the server took ${served} calls, ${called.scheduled - called.unsent} were sent`]),
]

/** What the parts of a bench came to. */
export interface Concluded {
  readonly missed: readonly string[]
  readonly unasked: readonly string[]
}

/** Its last line. */
export const sayConcluded = ({ missed, unasked }: Concluded): string => {
  const nothing = unasked.length === 0 ? [] : [`Nothing was asked of ${unasked.join('; ')}.`]
  if (missed.length > 0) return [`Missed: ${missed.join('; ')}.`, ...nothing].join(' ')
  return nothing.length > 0 ? nothing.join(' ') : 'Every target is met.'
}

const verdict = (missed: readonly string[]): string => (missed.length === 0 ? 'met' : `missed: ${missed.join(', ')}`)

const micro = (value: number): string => `${value.toFixed(1)} µs`
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const inMs = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0))
const count = (value: number): string => Math.round(value).toLocaleString('en-US')

export const costTable = (costs: readonly Cost[]): string =>
  columns([
    ['saturated, on one core', 'calls/s', 'CPU a call', 'x wrk', 'target', 'verdict'],
    ...costs.map(({ tool, all }) => {
      const times = timesWrk(costs, tool)
      const isOurs = tool === CALLERS
      return [
        tool,
        count(median(all.map((one) => one.rate))),
        micro(median(all.map((one) => one.microsecondsACall))),
        Number.isNaN(times) ? '-' : times.toFixed(2),
        isOurs ? `<= ${TARGETS.timesWrk}` : '',
        !isOurs ? '' : unaskedCost(costs).length > 0 ? 'nothing was asked: no wrk' : verdict(missedCost(costs)),
      ]
    }),
  ])

export const latenessTable = (all: readonly Lateness[]): string =>
  columns([
    ['callers', 'late p50', 'p99', 'p99.9', 'max', 'target', 'of a core', 'undici alone', 'target', 'verdict'],
    ...all.map((one) => [
      `${count(one.rate)}/s${one.all.every(({ isApart }) => isApart) ? '' : ', no real time'}`,
      ...(['p50', 'p99', 'p999', 'max'] as const).map((of) => inMs(median(one.all.map(({ late }) => late[of])))),
      `p99 <= ${TARGETS.lateP99Ms} ms`,
      percent(median(one.all.map(({ share }) => share))),
      percent(median(one.all.map(({ aloneShare }) => aloneShare))),
      `<= ${percent(TARGETS.share)}`,
      verdict(missedLateness(one)),
    ]),
  ])

export const scaleTable = (all: readonly Scale[]): string =>
  columns([
    ['every core', 'scheduled', 'unsent', 'on record', 'served', 'late p99', 'stalls', 'verdict'],
    ...all.map((one) => [
      `${one.programs} x ${count(one.rate)}/s`,
      count(one.called.scheduled),
      count(one.called.unsent),
      count(one.called.recorded),
      count(one.served),
      `${inMs(one.called.late.p99)} ms`,
      `${one.called.stallMs.length}, longest ${inMs(Math.max(0, ...one.called.stallMs))} ms`,
      verdict(missedScale(one)),
    ]),
  ])
