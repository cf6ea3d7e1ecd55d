import { describe, expect, test } from 'vitest'
import type { History } from '../history/history.ts'
import { analyse } from './analyse.ts'
import { type HistorySpec, historyOf, type Trouble } from './history.fixture.ts'

const PAUSED = 1

/** As if the balancer had given every call that a lane sent in the trouble to one node. */
const onOneNode = (history: History, { from, to }: Trouble, lanes: readonly string[]): History => {
  for (const { header, node, count } of history.lanes) {
    if (!lanes.includes(header.lane)) continue
    for (let i = 0; i < count; i += 1) {
      const at = header.t0 + (1000 * i) / header.rate
      if (at >= from - 5 && at < to) node[i] = PAUSED
    }
  }
  return history
}

const outages = (
  trouble: Trouble,
  { more = {}, lanes = ['kept-alive'] }: { more?: HistorySpec; lanes?: readonly string[] } = {},
): readonly string[] => {
  const spec = { trouble: [{ lanes, ...trouble }], ...more }
  return analyse(onOneNode(historyOf(spec), trouble, lanes)).lanes.flatMap((lane) =>
    lane.outages.filter(({ kind }) => kind === 'full').map(({ nature }) => `${lane.lane}: ${nature}`),
  )
}

const pause = (lengthMs: number): Trouble => ({ from: 9000, to: 9000 + lengthMs, how: 'stall' })

test('calls of a lane that all waited for one paused node, while others served the other lane, are no full outage', () => {
  expect(outages(pause(60))).toEqual([])
})

test('the same with nobody served meanwhile is one', () => {
  expect(outages(pause(60), { lanes: ['kept-alive', 'new-connections'] })).toEqual([
    'kept-alive: stall',
    'new-connections: stall',
  ])
})

test('the same with others served for the first half only is one', () => {
  const trouble = [
    { ...pause(60), lanes: ['kept-alive'] },
    { ...pause(60), from: 9030, lanes: ['new-connections'] },
  ]
  expect(outages(pause(60), { more: { trouble } })).toContain('kept-alive: stall')
})

test('more calls in a row upon one node than chance gives are one', () => {
  expect(outages(pause(120))).toEqual(['kept-alive: stall'])
})

test('a lane that is tied to the node has one', () => {
  const one = { lane: 'kept-alive', purpose: 'callers', isOneConnection: true } as const
  const lanes = [
    { lane: 'new-connections', purpose: 'callers' },
    { lane: 'control', purpose: 'control' },
  ] as const
  const trouble = { ...pause(60), lanes: ['kept-alive'] }
  const analysis = analyse(historyOf({ lanes: [one, ...lanes], trouble: [trouble] }))
  expect(analysis.lanes[0]?.outages.map(({ nature }) => nature)).toEqual(['stall'])
})

test('lost calls are one, whoever else was served', () => {
  expect(outages({ ...pause(60), how: 'refused' })).toEqual(['kept-alive: hard'])
})

describe('a lane of ten calls a second, of which four in a row are lost or late', () => {
  const lanes = [
    { lane: 'kept-alive', purpose: 'callers' },
    { lane: 'new-connections', purpose: 'callers' },
    { lane: 'http2', purpose: 'callers', rate: 10 },
    { lane: 'control', purpose: 'control' },
  ] as const
  const unlucky: readonly Trouble[] = [
    { from: 9050, to: 9150, how: 'unanswered', lanes: ['http2'] },
    { from: 9150, to: 9450, how: 'slow', slowMs: 300, lanes: ['http2'] },
  ]
  const main = ['kept-alive', 'new-connections']
  const slow: Trouble = { from: 9000, to: 9500, how: 'slow', slowMs: 300, lanes: main }
  const outOf = (...beside: readonly Trouble[]): readonly string[] =>
    analyse(historyOf({ lanes, trouble: [...unlucky, ...beside] })).lanes.flatMap(({ lane, outages: found }) =>
      found.filter(({ kind }) => kind === 'full').map(({ nature }) => `${lane}: ${nature}`),
    )

  test('has no full outage where one call in three of the others met the same, and those were served all the while', () => {
    expect(outOf({ ...slow, share: 0.35 })).toEqual([])
  })

  test('has one where hardly any of the others were served as usual', () => {
    expect(outOf({ ...slow, share: 0.8 })).toEqual(['http2: hard'])
  })

  test('has one where the others met nothing of it', () => {
    expect(outOf()).toEqual(['http2: hard'])
  })

  test('has one, as the others have, where nobody was served', () => {
    expect(outOf({ ...slow, how: 'refused' })).toEqual(expect.arrayContaining(['http2: hard', 'kept-alive: hard']))
  })
})
