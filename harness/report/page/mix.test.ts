import { expect, test } from 'vitest'
import type { RouteAnalysis } from '../../analysis/analysis.ts'
import { sampleAnalysis } from '../sample-analysis.fixture.ts'
import { textOf } from './markup.ts'
import { mixTable } from './mix.ts'

const latency = { count: 100, p50: 1, p90: 2, p99: 3.5, p999: 4, max: 5 }
const route = (name: string, lost: number): RouteAnalysis => ({
  route: name,
  share: 0.25,
  calls: 1200,
  lost,
  lostInDoubt: Math.min(lost, 2),
  latency: { steady: latency, disturbed: latency, recovered: null },
})
const cells = (routes: readonly RouteAnalysis[]): readonly string[] =>
  [...textOf(mixTable({ ...sampleAnalysis(), routes })).matchAll(/<t[hd][^>]*>([^<]*)</g)].map(([, cell]) => cell ?? '')

test('the mix says share, loss and p99 of each route, those that lost most first', () => {
  expect(cells([route('GET /a', 0), route('GET /<b>', 3)]).slice(8)).toEqual([
    ...['GET /&lt;b&gt;', '25.0 %', '1,200', '3 (2 while the machine was disturbed)', '3.5 ms', '3.5 ms', 'no calls'],
    ...['GET /a', '25.0 %', '1,200', '0', '3.5 ms', '3.5 ms', 'no calls'],
  ])
})

test('callers who ask for one thing have no table, and of very many routes the worst are listed', () => {
  expect(textOf(mixTable({ ...sampleAnalysis(), routes: [] }))).toBe('')
  const many = Array.from({ length: 41 }, (_, i) => route(`GET /${i}`, i))
  const page = textOf(mixTable({ ...sampleAnalysis(), routes: many }))
  expect(page).toContain('GET /1<')
  expect(page).not.toContain('GET /0<')
  expect(page).toContain('40 of 41 are listed')
})
