import { expect, test } from 'vitest'
import type { FaultAnalysis } from '../../analysis/analysis.ts'
import { sampleScenario } from '../sample.fixture.ts'
import { faultSection } from './faults.ts'
import { textOf } from './markup.ts'

const told = (kind: FaultAnalysis['kind'], asked?: FaultAnalysis['asked']): string => {
  const [fault] = sampleScenario().analysis.faults
  if (!fault) throw new Error('The sample has no fault.')
  const { asked: _, ...rest } = fault
  const html = textOf(faultSection([{ ...rest, kind, targets: ['data-plane-2'], ...(asked && { asked }) }]))
  return /<td[^>]*>([^<]* data-plane-2[^<]*)<\/td>/.exec(html)?.[1] ?? ''
}

test.each([
  ['slow', { byMs: 100, jitterMs: 0 }, '100 ms'],
  ['slow', { byMs: 1500, jitterMs: 20 }, '1.5 s, give or take 20 ms'],
  ['memory', { bytes: 104_857_600 }, '100 MiB'],
  ['memory', { bytes: 2 ** 30 }, '1 GiB'],
  ['loss', { share: 0.3 }, '30 %'],
  ['bandwidth', { kbitPerSecond: 1000 }, '1,000 kbit/s'],
  ['cpu', { cores: 0.5 }, '0.5 cores'],
  ['flap', { downMs: 1000, upMs: 4000 }, 'down 1.0 s, up 4.0 s'],
  ['isolate', { connections: 'new', except: '10.0.0.1' }, 'connections new, except 10.0.0.1'],
] as const)('a fault is told with what was asked of it in units that people use: %s %j', (kind, asked, said) => {
  expect(told(kind, asked)).toBe(`${kind} data-plane-2 (${said})`)
})

test('a fault of which nothing was asked is told without', () => {
  expect(told('kill')).toBe('kill data-plane-2')
})
