import { expect, test } from 'vitest'
import { analyse } from '../../analysis/analyse.ts'
import { ALL_LANES, historyOf } from '../../analysis/history.fixture.ts'
import { directTable } from './direct.ts'
import { textOf } from './markup.ts'
import { outageTable } from './measures.ts'

const dead = { from: 8010, to: 14_000, how: 'refused', lanes: ['direct-data-plane-1'] } as const

test('a gateway that was gone is told from one that was there, and its silence is in no list of outages', () => {
  const analysis = analyse(historyOf({ lanes: ALL_LANES, trouble: [dead] }))
  const rows = [...textOf(directTable(analysis)).matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    row
      .replaceAll(/<[^>]*>/g, '|')
      .split('|')
      .filter(Boolean),
  )
  expect(rows.slice(1, 3)).toEqual([
    ['data-plane-1', '79 of 79', '2 of 61', '159 of 159', '59', '5.9 s', '8.00 s'],
    ['data-plane-2', '79 of 79', '61 of 61', '159 of 159', '0', 'none above 300 ms'],
  ])
  expect(textOf(outageTable(analysis))).toMatch(/No outage was seen in any lane/)
})

test('where nobody called a gateway so there is no table', () => {
  expect(textOf(directTable(analyse(historyOf())))).toBe('')
})
