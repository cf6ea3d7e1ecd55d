import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EventOf, eventsOf, FAULT_KINDS } from '../history/event.ts'
import { ELSEWHERE, KINDS_AT_HAND } from './kinds-at-hand.fixture.ts'
import { type SmallDeployment, startSmallDeployment } from './kit.fixture.ts'
import { rehearse } from './rehearsal.fixture.ts'
import { neverHealed, noOp, reversedEarly, wrongTarget } from './sabotage.ts'
import { undo } from './undoing.ts'

const WIDEST_MS = 250
/** As many tests as Vitest runs at once. */
const PAIRS = 5
/** Most of what is sabotaged is only known when the witnesses give up: shorter than in a drill, where nobody waits for it. */
const PATIENCE_MS = 1500
const LIMIT_MS = 60_000

let deployment: SmallDeployment

beforeAll(async () => {
  deployment = await startSmallDeployment({ pairs: PAIRS, subnet: '10.213.84', patienceMs: PATIENCE_MS })
}, LIMIT_MS)
afterAll(() => deployment?.end())

const confirming = (event: EventOf<'fault'> | undefined): readonly string[] => [
  ...new Set((event?.evidence ?? []).filter((each) => each.confirms).map((each) => each.source)),
]

test('every kind there is stands in the table, or is said to be proven elsewhere', () => {
  const told = new Set([...KINDS_AT_HAND.map(({ kind }) => kind), ...Object.keys(ELSEWHERE)])
  expect(FAULT_KINDS.filter((kind) => !told.has(kind))).toEqual([])
})

const kinds = KINDS_AT_HAND.map((each) => [each.name, each] as const)

describe.each(kinds)('an honest %s', (_, { make, kind, hits, widestMs = WIDEST_MS }) => {
  test('is in effect by the word of two witnesses, held, clear, and leaves nothing', {
    timeout: LIMIT_MS,
  }, async () => {
    await deployment.withPair(async ({ target }) => {
      const made = make(deployment)
      expect({ kind: made.kind, hits: made.hits }).toEqual({ kind, hits })
      const { doubts, events, fault } = await rehearse(deployment, { kind: made, target })
      expect(doubts).toEqual([])
      const stages = eventsOf(events, 'fault')
      expect(stages.map(({ stage }) => stage)).toEqual(['intent', 'injected', 'in-effect', 'heal', 'healed', 'clear'])
      const witnesses = confirming(stages.find(({ stage }) => stage === 'in-effect'))
      expect(witnesses.length, witnesses.join()).toBeGreaterThanOrEqual(2)
      const [from = 0, to = Infinity] = fault?.inEffectBounds ?? []
      expect(to - from).toBeLessThanOrEqual(widestMs)
      expect(await deployment.leftOn([target])).toEqual([])
    })
  })
})

describe.concurrent.each(kinds)('a %s', { timeout: LIMIT_MS }, (_, { make }) => {
  test.each([
    ['that does nothing', noOp],
    ['that hits another node', wrongTarget],
    ['that ends early', reversedEarly],
  ] as const)('%s is called out', async (__, sabotage) => {
    const { doubts } = await deployment.withPair(({ target, other }) =>
      rehearse(deployment, { kind: sabotage(make(deployment), other), target }),
    )
    expect(doubts).not.toEqual([])
    // What the engine would not do was no sabotage that somebody saw through.
    expect(doubts.join()).not.toMatch(/would not land/)
  })
})

/** Whose end is seen in what they had changed, and in nothing else. */
const FROM_INSIDE: ReadonlySet<string> = new Set(['cpu', 'memory', 'disk'])

describe.concurrent.each(kinds.filter(([, { kind }]) => FROM_INSIDE.has(kind)))(
  'a %s',
  {
    timeout: LIMIT_MS,
  },
  (_, { make }) => {
    test('whose heal does nothing is there still, and is not called clear', async () => {
      await deployment.withPair(async ({ target }) => {
        const made = make(deployment)
        try {
          const { doubts, events } = await rehearse(deployment, { kind: neverHealed(made), target })
          expect(doubts.join()).toMatch(/it is there still/)
          expect(eventsOf(events, 'fault').map(({ stage }) => stage)).not.toContain('clear')
        } finally {
          expect(await undo(made.undo(target))).toEqual([])
        }
      })
    })
  },
)

test('nothing is left of those that were called out', { timeout: LIMIT_MS }, async () => {
  expect(await deployment.leftOn(deployment.topology.nodes)).toEqual([])
})
