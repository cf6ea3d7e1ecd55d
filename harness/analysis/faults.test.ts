import { describe, expect, test } from 'vitest'
import type { Event, Evidence } from '../history/event.ts'
import { faultsOf } from './faults.ts'
import { historyOf } from './history.fixture.ts'

const run = historyOf().events.find((event) => event.kind === 'run')
const topology = run?.kind === 'run' ? run.topology : null

const seen = (more: Partial<Evidence> = {}): Evidence => ({
  source: 'probe from inside',
  said: 'port 9080 is silent',
  confirms: true,
  at: 1010,
  ...more,
})

const stages = (evidence: readonly Evidence[], targets: readonly string[] = ['data-plane-1']): readonly Event[] => {
  const of = { kind: 'fault', id: 'k', fault: 'kill', targets } as const
  return [
    { ...of, at: 1000, stage: 'intent' },
    { ...of, at: 1005, stage: 'injected' },
    { ...of, at: 1030, stage: 'in-effect', evidence, bounds: [1008, 1012] },
    { ...of, at: 2000, stage: 'heal', because: 'fixture' },
    { ...of, at: 2010, stage: 'healed' },
    { ...of, at: 2030, stage: 'clear', evidence: [seen({ at: 2020 })], bounds: [2015, 2025] },
  ]
}

const doubtsOf = (evidence: readonly Evidence[], targets?: readonly string[]) =>
  faultsOf(stages(evidence, targets), topology)[0]?.doubts

describe('a fault', () => {
  test('with an independent witness at either end is attested, at the middle of its bounds', () => {
    expect(faultsOf(stages([seen()]), topology)).toEqual([
      expect.objectContaining({ inEffectAt: 1010, healedAt: 2010, clearedAt: 2020, healedBy: 'fixture', doubts: [] }),
    ])
  })

  test('that witnesses saw clear before the engine’s answer was back was healed by then, and not later', () => {
    const late = stages([seen()]).map((event) =>
      event.kind === 'fault' && event.stage === 'healed' ? { ...event, at: 2300 } : event,
    )
    expect(faultsOf(late, topology)).toMatchObject([{ healedAt: 2020, clearedAt: 2020 }])
  })

  test('that failed as it landed was seen where a witness saw it before it was undone', () => {
    const failed = (evidence: readonly Evidence[]): readonly Event[] =>
      stages([]).map((event) =>
        event.kind === 'fault' && event.stage === 'in-effect' ? { ...event, stage: 'failed', evidence } : event,
      )
    const wasSeen = (evidence: readonly Evidence[]) => faultsOf(failed(evidence), topology)[0]?.wasSeen
    expect(wasSeen([seen(), seen({ source: 'container state', confirms: false })])).toBe(true)
    expect(wasSeen([seen({ confirms: false })])).toBe(false)
    expect(wasSeen([seen({ source: 'injector' })])).toBe(false)
  })

  test('that only the injector vouches for is not', () => {
    expect(doubtsOf([seen({ source: 'injector' })])).toEqual(['nobody but the injector says that it was in effect'])
  })

  test('whose witness did not see it yet, and then did, is attested', () => {
    expect(doubtsOf([seen({ confirms: false, at: 1002 }), seen()])).toEqual([])
  })

  test('that a witness contradicts once it was in effect is not', () => {
    expect(doubtsOf([seen(), seen({ source: 'container state', confirms: false, at: 1020, said: 'it runs' })])).toEqual(
      ['container state contradicts that it was in effect: it runs'],
    )
  })

  test('of two nodes needs a witness for each', () => {
    const one = seen({ container: 'firedrill_data-plane-1_1' })
    const both = ['data-plane-1', 'data-plane-2']
    expect(doubtsOf([one], both)).toEqual(['nobody attested that data-plane-2 was in effect'])
    expect(doubtsOf([one, seen({ container: 'id-data-plane-2' })], both)).toEqual([])
  })

  describe('that puts another container in the node’s place', () => {
    const name = 'firedrill_data-plane-1_1'
    const engine = (at: number, action: string, exitCode?: number, container = name): Event => ({
      kind: 'engine',
      at,
      node: 'data-plane-1',
      container,
      action,
      ...(exitCode !== undefined && { exitCode }),
    })
    const doubtsAmid = (fault: 'upgrade' | 'restart', ...ends: readonly Event[]) => {
      const upgraded = stages([seen()]).map((event) => (event.kind === 'fault' ? { ...event, fault } : event))
      return faultsOf([...upgraded, ...ends], topology)[0]?.doubts
    }
    const ungraceful = ['data-plane-1 was ended by SIGKILL: it was not a graceful stop']

    test('is no graceful stop where the node itself had to be ended by SIGKILL', () => {
      expect(doubtsAmid('upgrade', engine(1003, 'die', 0), engine(1008, 'start'))).toEqual([])
      expect(doubtsAmid('upgrade', engine(1003, 'die', 137), engine(1008, 'start'))).toEqual(ungraceful)
      // Another one's start says nothing of it.
      const other = engine(1002, 'start', undefined, 'firedrill_data-plane-1_2')
      expect(doubtsAmid('upgrade', other, engine(1003, 'die', 137))).toEqual(ungraceful)
    })

    test('is one where only who stands in for it was ended so: that is how the other fares', () => {
      const oomKilled = [engine(1500, 'oom'), engine(1501, 'die', 137), engine(1700, 'start'), engine(1800, 'die', 137)]
      expect(doubtsAmid('upgrade', engine(1003, 'die', 0), engine(1008, 'start'), ...oomKilled)).toEqual([])
      // Nobody stands in for one that is restarted.
      expect(doubtsAmid('restart', engine(1003, 'die', 0), engine(1008, 'start'), engine(1501, 'die', 137))).toEqual(
        ungraceful,
      )
    })
  })

  test('that was never healed is doubtful, and disturbs to the end', () => {
    const [fault] = faultsOf(stages([seen()]).slice(0, 3), topology)
    expect(fault).toMatchObject({ clearedAt: null, healedBy: 'nobody' })
    expect(fault?.doubts).toEqual(['nobody healed it', 'nobody attested that it was clear'])
  })
})
