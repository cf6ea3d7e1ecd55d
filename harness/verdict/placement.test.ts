import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { type Broken, historyOf, KILL } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'

const ALL: Broken = { ...KILL, kind: 'outage', targets: ['data-plane-1', 'data-plane-2', 'data-plane-3'] }

const moved = (event: Event, zone: string): Event => {
  if (event.kind !== 'run') return event
  const nodes = event.topology.nodes.map((node) => (node.role === 'data-plane' ? { ...node, zone } : node))
  return { ...event, topology: { ...event.topology, nodes } }
}

const fullOutageOf = (zone: string | null, fault = ALL) => {
  const history = historyOf({ faults: [fault], trouble: [{ from: 8010, to: 9000, how: 'refused' }] })
  const placed = zone === null ? history : { ...history, events: history.events.map((event) => moved(event, zone)) }
  return judge(placed, analyse(placed)).findings.find(({ objective }) => objective === 'fullOutage')
}

test('a full outage says so where every gateway stood in the one zone that was hit', () => {
  const finding = fullOutageOf('b')
  expect(finding).toMatchObject({ outcome: 'fail' })
  expect(finding?.because).toMatch(/ Every gateway stands in zone b, and outage-8000 hit all of them at once\.$/)
})

test('and does not where they stand in several, or where some of them were spared', () => {
  const said = [fullOutageOf(null), fullOutageOf('b', { ...ALL, targets: ['data-plane-1', 'data-plane-2'] })]
  expect(said.map((finding) => finding?.because.includes('Every gateway stands'))).toEqual([false, false])
})
