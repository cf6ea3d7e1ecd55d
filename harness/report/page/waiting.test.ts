import { expect, test } from 'vitest'
import type { WaitingShare } from '../../analysis/analysis.ts'
import { textOf } from './markup.ts'
import { waitingTable } from './waiting.ts'

const calls: WaitingShare = { of: 'calls to gateways', kind: 'calls', shares: { steady: 0.256, disturbed: 1 } }
const named = (of: string): WaitingShare => ({
  of,
  kind: 'name',
  shares: { steady: 0.5, disturbed: 0, recovered: 0.04 },
})

const cellsOf = (text: string): string => text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

test('says for each phase how much of it is in doubt, and who waited', () => {
  const text = textOf(waitingTable({ waiting: [calls, named('data-plane-1')] }))
  expect(cellsOf(text)).toMatch(/calls to gateways 26 % 100 %/)
  expect(cellsOf(text)).toMatch(/data-plane-1 50 % 0 % 4 %/)
})

test('says that it may have been anybody where nobody is named', () => {
  expect(textOf(waitingTable({ waiting: [calls] }))).toMatch(/it may have been anybody/)
})

test('lists those who waited most', () => {
  const waiting = Array.from({ length: 15 }, (_, i) => named(`node-${i}`))
  const text = textOf(waitingTable({ waiting: [calls, ...waiting] }))
  expect(text).toMatch(/the 12 of 15 that waited most/)
  expect(text).toMatch(/node-11/)
  expect(text).not.toMatch(/node-12/)
})

test('is not there where nobody waited, nor in an older analysis', () => {
  expect(textOf(waitingTable({ waiting: [] }))).toBe('')
  expect(textOf(waitingTable({}))).toBe('')
})
