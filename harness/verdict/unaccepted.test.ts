import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'

const GATEWAYS = ['data-plane-1', 'data-plane-2', 'data-plane-3']

const asked = (id: string, at: number, stage: 'accepted' | 'refused' | 'unknown', because?: string): Event[] => {
  const of = { kind: 'change', id, by: 'operator', what: `change route ${id}` } as const
  return [
    { ...of, at, stage: 'sent' },
    { ...of, at: at + 10, stage, ...(because !== undefined && { because }) },
  ]
}

const waited = (change: string, at: number, outcome: 'seen' | 'ran-out', observed: 'reaches' | 'remains' = 'reaches') =>
  [
    ...(outcome === 'seen'
      ? GATEWAYS.map(
          (node): Event => ({
            kind: 'change',
            at,
            id: change,
            by: 'operator',
            what: `change route ${change}`,
            stage: 'seen',
            node,
            lastLookAt: at - 30,
          }),
        )
      : []),
    { kind: 'observation', at, observed, change, nodes: GATEWAYS, outcome, waitedMs: 190 },
  ] satisfies readonly Event[]

const BEFORE = [...asked('before', 8600, 'accepted'), ...waited('before', 8800, 'seen')]

const findingsOf = (events: readonly Event[]) => {
  const history = historyOf({ events, demand: { convergence: '10s', lostChanges: 0 } })
  const { findings } = judge(history, analyse(history))
  return ['convergence', 'lostChanges'].map((objective) => findings.find((each) => each.objective === objective))
}

describe('a change that was never accepted', () => {
  test.each([
    ['refused', 'status 401: no session', /'change route during', asked for at 9\.50 s .* was refused \(status 401/],
    ['unknown', 'The operation was aborted', /'change route during', .* was not acknowledged \(The operation was/],
  ] as const)('and was waited for lets nothing pass: %s', (stage, because, said) => {
    const findings = findingsOf([
      ...BEFORE,
      ...asked('during', 9500, stage, because),
      ...waited('during', 9710, 'ran-out'),
    ])
    for (const finding of findings)
      expect(finding).toMatchObject({ outcome: 'inconclusive', because: expect.stringMatching(said) })
  })

  test('lets nothing pass either where it was to remain', () => {
    const events = [...asked('gone', 5000, 'refused', 'status 403'), ...waited('gone', 9900, 'ran-out', 'remains')]
    expect(findingsOf([...BEFORE, ...events]).map((each) => each?.outcome)).toEqual(['inconclusive', 'inconclusive'])
  })

  test('and that nobody waited for is nobody’s loss, as one is that came though nobody acknowledged it', () => {
    const events = [
      ...asked('during', 9500, 'refused'),
      ...asked('late', 10_000, 'unknown'),
      ...waited('late', 11_000, 'seen'),
    ]
    expect(findingsOf([...BEFORE, ...events]).map((each) => each?.outcome)).toEqual(['pass', 'pass'])
  })

  test('does not hide one that is lost', () => {
    const lost = [...asked('lost', 9500, 'accepted'), ...waited('lost', 9800, 'ran-out')]
    const events = [...BEFORE, ...lost, ...asked('during', 9900, 'refused'), ...waited('during', 9950, 'ran-out')]
    expect(findingsOf(events)[1]).toMatchObject({ outcome: 'fail', because: expect.not.stringMatching(/refused/) })
  })
})
