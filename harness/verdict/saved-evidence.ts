// Whether what a verdict rests on was saved, and what was not that nothing rests on.
import { firstLine } from '../analysis/doubt-of-drill.ts'
import { type Event, type EventOf, eventsOf, type TeardownPart } from '../history/event.ts'
import type { Case } from './case.ts'
import type { Assumption } from './verdict.ts'

/** Whose want it is that a part of the tear-down failed: the deployment may be to blame, or the sensor alone, or no verdict rests on it. */
const RESTS_ON: Readonly<Record<TeardownPart, 'deployment' | 'sensor' | 'nothing'>> = {
  healing: 'deployment',
  tail: 'deployment',
  changes: 'deployment',
  'upstream record': 'deployment',
  calls: 'sensor',
  rotation: 'sensor',
  machine: 'sensor',
  // Whom a call that failed joins to, and how many were in flight on a node, is known from there alone.
  'balancer log': 'sensor',
  // A finding points at its lines: judged without it, it points at none.
  log: 'nothing',
  inspect: 'nothing',
  'balancer state': 'nothing',
  screenshot: 'nothing',
  trace: 'nothing',
  // What does not go with its deployment either is told for the run as a whole.
  residue: 'nothing',
}

/** How older histories, which have no `about`, began to say that something failed on which nothing rests. */
const BESIDE = /^(no screenshot of|dashboard:|echo:|routes of the stream:)/

/** What else older histories say, or do not, is taken for the worst. */
const restsOn = ({ about, because = '' }: EventOf<'teardown'>) => {
  if (about !== undefined) return RESTS_ON[about]
  return BESIDE.test(because) ? 'nothing' : 'deployment'
}

const failed = (events: readonly Event[]): readonly EventOf<'teardown'>[] =>
  eventsOf(events, 'teardown').filter(({ ok }) => !ok)

const said = ({ because = 'Something went wrong at tear-down, and nobody says what' }: EventOf<'teardown'>): string =>
  `${firstLine(because)}.`

/** Nothing that a verdict rests on may be missing, and the tear-down that saves it has to have come to its end. */
export const evidenceSaved = ({ history: { events } }: Pick<Case, 'history'>): Assumption => {
  const name = 'What the verdict rests on was saved'
  const missing = failed(events).filter((event) => restsOn(event) !== 'nothing')
  const [first] = missing
  if (first) {
    const more = missing.length > 1 ? ` And ${missing.length - 1} more of the kind.` : ''
    const isSensors = missing.every((event) => restsOn(event) === 'sensor')
    return { name, ...(isSensors && { isSensors }), holds: false, because: `${said(first)}${more}` }
  }
  if (isCutOff(events))
    return {
      name,
      isSensors: true,
      holds: false,
      because:
        'Nobody wrote down that the tear-down came to its end: the harness was ended before, and what it had not saved by then is missing.',
    }
  return { name, holds: true, because: 'Nobody missed anything at tear-down.' }
}

const isCutOff = (events: readonly Event[]): boolean =>
  eventsOf(events, 'run')[0]?.endsWith === 'teardown' && !eventsOf(events, 'teardown').some(({ ok }) => ok)

/** What else was not saved, a sentence each: somebody will look for it. */
export const unsavedBeside = (events: readonly Event[]): readonly string[] =>
  failed(events)
    .filter((event) => restsOn(event) === 'nothing')
    .map(said)
