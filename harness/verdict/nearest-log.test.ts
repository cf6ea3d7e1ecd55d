import { expect, test } from 'vitest'
import type { LogLine } from '../history/history.ts'
import { nearestLog } from './nearest-log.ts'

const line = (at: number, text: string, file = 'logs/data-plane-1.log'): LogLine => ({ file, line: at, at, text })
const linesOf = (log: readonly LogLine[], nodes: readonly string[] = ['data-plane-1']) =>
  nearestLog(log, { at: 1000, nodes }).map((each) => each.line)

test('the lines closest in time are given, in order of time, five at most', () => {
  expect(linesOf([100, 700, 800, 900, 1000, 1100, 2000].map((at) => line(at, 'x')))).toEqual([
    700, 800, 900, 1000, 1100,
  ])
})

test('a warning three seconds off comes before a plain line that is nearer', () => {
  const log = [...[900, 950, 1000, 1050, 1100].map((at) => line(at, 'x')), line(3500, '{"level":50,"msg":"lost"}')]
  expect(linesOf(log)).toContain(3500)
})

test('lines of other nodes are left out, also where the name only begins alike', () => {
  expect(
    linesOf([
      line(1000, 'x', 'logs/data-plane-10.log'),
      line(1001, 'x', 'logs/data-plane-1.gateway.log'),
      line(1002, 'x', 'logs/postgres.log'),
      line(1003, 'x', 'logs/data-plane-1.stand-in-1.log'),
    ]),
  ).toEqual([1001, 1003])
})

test('lines ten seconds away have nothing to do with it', () => {
  expect(linesOf([line(11_100, 'error')])).toEqual([])
})
