import { expect, test } from 'vitest'
import { sampleScenario } from '../../sample.fixture.ts'
import { chartData } from '../series-data.ts'
import { sayMoment } from './moment.js'

const data = chartData(sampleScenario())
const [lane] = data.lanes
if (!lane) throw new RangeError('The sample has no lane.')

test('a moment is told by the outcomes that it had, the latencies and who answered', () => {
  expect(sayMoment(data, lane, 8100)).toMatch(
    /^8\.1 s, lane new: 19 answered, 2 wrong, 1 refused; p50 [\d.]+ ms, p99 [\d.]+ ms, max [\d.]+ ms\. Answered by data-plane-1 \d+, data-plane-2 \d+, data-plane-3 \d+\.$/,
  )
})

test('its latencies are said as they are in the tables', () => {
  const slow = { ...lane, from: 0, step: 100, latency: { p50: [3.12], p99: [1234], max: [123_000] } }
  expect(sayMoment(data, slow, 0)).toContain('; p50 3.1 ms, p99 1.2 s, max 2 min 3 s.')
})

test('where nobody answered no latency is said, and before the first step and after the last nobody did', () => {
  const none = { ...lane, from: 0, step: 100, latency: { p50: [null], p99: [null], max: [null] } }
  expect(sayMoment({ ...data, nodes: [] }, none, 0)).toMatch(/; no answer\. Answered by nobody known\.$/)
  expect(sayMoment(data, lane, data.end + 1000)).toMatch(/: 0 answered; no answer\. Answered by data-plane-1 0, /)
})
