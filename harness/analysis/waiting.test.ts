// Whose waiting for a processor concerns which calls.
import { describe, expect, test } from 'vitest'
import { type Event, type EventOf, eventsOf, type Waited } from '../history/event.ts'
import { held, historyOf } from './history.fixture.ts'
import { atMostWaitedMs, goalOf, scarceForAnybody, scarceIn, scarceOn, waitingOn, waitsOn, wayTo } from './waiting.ts'

/** A look of 25 ms that ended at `at`. */
const look = (at: number, waited?: Waited, share = 1): EventOf<'processors-short'> => ({
  kind: 'processors-short',
  at,
  since: at - 25,
  share,
  processors: 2,
  ...(waited && { waited }),
})

const { events } = historyOf({ events: [held(4, 'in')] })

test.each([
  ['data-plane-1', 'in turn', 'aside', 'aside'],
  ['upstream-1', 'shared', 'aside', 'aside'],
  ['load-balancer-callers', 'shared', 'aside', 'aside'],
  ['control-plane-1', 'aside', 'in turn', 'in turn'],
  ['load-balancer-control', 'shared', 'shared', 'shared'],
  ['callers', 'shared', 'shared', 'aside'],
  ['kernel', 'shared', 'shared', 'shared'],
  ['a service of no role', 'shared', 'shared', 'shared'],
  ['echo', 'aside', 'aside', 'aside'],
  ['harness', 'aside', 'aside', 'shared'],
  ['browser', 'aside', 'aside', 'shared'],
])('%s stands on the way to gateways %s, to the Dashboard %s, and to its page %s', (who, ...places) => {
  expect((['gateways', 'dashboard', 'page'] as const).map((goal) => wayTo(goal, events)(who))).toEqual(places)
})

test('a balancer is passed by calls to whom it was seen to serve', () => {
  const of = (role: 'control-plane' | 'database') => {
    const [run] = eventsOf(events, 'run')
    const nodes = [...(run?.topology.nodes ?? [])]
    const balancer = { name: 'between', role: 'load-balancer', zone: 'outside', containers: [] } as const
    const served = { ...held(4, 'in'), node: 'served', balancer: 'between' } as Event
    const topology = { ...run?.topology, nodes: [...nodes, balancer, { ...balancer, name: 'served', role }] }
    return [{ ...run, topology } as Event, served]
  }
  for (const role of ['control-plane', 'database'] as const) {
    expect(wayTo('gateways', of(role))('between')).toBe('aside')
    expect(wayTo('dashboard', of(role))('between')).toBe('shared')
  }
})

test('callers in a zone are passed by their own calls', () => {
  const [run] = eventsOf(events, 'run')
  const zoned = [{ ...run, topology: { ...run?.topology, callerZones: ['a', 'b'] } } as Event]
  const placesFrom = (zone?: string) => ['callers', 'callers-a', 'callers-b'].map(wayTo('gateways', zoned, zone))
  expect(placesFrom()).toEqual(['shared', 'aside', 'aside'])
  expect(placesFrom('b')).toEqual(['aside', 'aside', 'shared'])
})

test('lanes that read the Dashboard go to it, and all others to gateways', () => {
  expect((['callers', 'direct', 'control', 'dashboard'] as const).map(goalOf)).toEqual([
    'gateways',
    'gateways',
    'gateways',
    'dashboard',
  ])
})

describe('a look that says who waited', () => {
  const way = wayTo('gateways', events)

  test('counts whom calls pass, and of gateways the one who waited most', () => {
    const waited: Waited = {
      'load-balancer-callers': [3, 100],
      'data-plane-1': [4, 100],
      'data-plane-2': [6, 100],
      'control-plane-1': [25, 75],
    }
    expect(waitsOn(way, [look(125, waited)])).toEqual([{ window: [100, 125], waitedMs: 9, lookMs: 25 }])
    const { at, isByName } = waitingOn(way, [look(125, waited)])
    expect(isByName).toBe(true)
    expect(at('data-plane-1')).toMatchObject([{ waitedMs: 7 }])
    expect(at('data-plane-3')).toMatchObject([{ waitedMs: 3 }])
  })

  test('reaches back to where a long wait may have begun, and no further than that for a short one', () => {
    const waited: Waited = { 'data-plane-1': [300, -220], 'load-balancer-callers': [1, -400] }
    expect(waitsOn(way, [look(125, waited)])).toEqual([{ window: [-220, 125], waitedMs: 301, lookMs: 25 }])
  })

  test('in which nobody waited whom calls pass leaves them sound, though somebody did all the while', () => {
    const short = [look(125, { harness: [25, 100], 'database-1': [0.5, 100] })]
    expect(scarceIn(waitsOn(way, short))).toEqual([])
    expect(scarceForAnybody(short)).toEqual([[100, 125]])
    expect(scarceForAnybody([look(125, {})])).toEqual([[100, 125]])
    expect(scarceOn(wayTo('page', events), short)).toEqual([[100, 125]])
  })

  test('is no longer than anybody may have waited in it: threads that wait at once are added up', () => {
    const quiet = look(125, { 'data-plane-1': [20, 100], 'upstream-1': [10, 98] }, 0.2)
    expect(waitsOn(way, [quiet])).toEqual([{ window: [98, 125], waitedMs: 2 + 10, lookMs: 25 }])
  })

  test('is scarce from half of its time on', () => {
    expect(scarceIn(waitsOn(way, [look(125, { 'upstream-1': [12.4, 100] })]))).toEqual([])
    expect(scarceIn(waitsOn(way, [look(125, { 'upstream-1': [12.5, 100] })]))).toEqual([[100, 125]])
  })
})

describe('a look that does not say who waited', () => {
  test('may have been anybody', () => {
    const waiting = waitingOn(wayTo('gateways', events), [look(125, undefined, 0.4)])
    expect(waiting).toMatchObject({ isByName: false, waits: [{ window: [100, 125], waitedMs: 20 }] })
    expect(waiting.at('data-plane-1')).toEqual(waiting.waits)
  })
})

test('of a window no more was waited than it is long, and no more than lies in it', () => {
  const way = wayTo('gateways', events)
  const waits = waitsOn(way, [look(125, { 'data-plane-1': [60, 50] }), look(150, { 'upstream-1': [10, 125] })])
  expect(atMostWaitedMs({ waits }, [0, 1000])).toBe(70)
  expect(atMostWaitedMs({ waits }, [120, 140])).toBe(15)
  expect(atMostWaitedMs({ waits }, [60, 100])).toBe(40)
  expect(atMostWaitedMs({ waits: [...waits, ...waits] }, [60, 100])).toBe(40)
})
