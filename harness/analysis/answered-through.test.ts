import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import { type HistorySpec, historyOf, type Trouble } from './history.fixture.ts'

const aboutIn = (trouble: readonly Trouble[], spec: HistorySpec = {}): readonly string[] =>
  analyse(historyOf({ ...spec, trouble })).doubts.map((doubt) => doubt.about)

/** Written down by the generator while its calls are as usual: many short sleeps that count as one. */
const sleptAt = (at: number, stallMs: number): HistorySpec => ({ events: [{ kind: 'generator-stall', at, stallMs }] })

describe('a standstill', () => {
  const control = (ms: number): Trouble => ({ from: 9000, to: 9000 + ms, how: 'stall', lanes: ['control'] })

  test('of the control lane hid nothing where callers were answered all through it', () => {
    expect(aboutIn([control(200)])).not.toContain('control lane')
  })

  test('of the control lane is in doubt where a caller lane had no answer for more than 50 ms', () => {
    const callers = (ms: number): Trouble => ({ from: 9100, to: 9100 + ms, how: 'stall', lanes: ['kept-alive'] })
    expect(aboutIn([control(200), callers(40)])).not.toContain('control lane')
    expect(aboutIn([control(200), callers(60)])).toContain('control lane')
  })

  test('of the control lane hid nothing where a lane met a slow node by chance, and others were answered all along', () => {
    const slow = { how: 'slow', slowMs: 300 } as const
    const still: Trouble = { from: 8200, to: 8400, how: 'stall', lanes: ['control'] }
    const half: Trouble = { ...slow, from: 8020, to: 8380, share: 0.5 }
    const inARow: Trouble = { ...slow, from: 8260, to: 8315, lanes: ['kept-alive'] }
    expect(aboutIn([still, inARow, half])).not.toContain('control lane')
    expect(aboutIn([still, inARow, { ...inARow, lanes: ['new-connections'] }, half])).toContain('control lane')
    expect(aboutIn([still, inARow])).toContain('control lane')
  })

  test('of the control lane for 250 ms and more is in doubt whatever callers were told', () => {
    expect(aboutIn([control(270)])).toContain('control lane')
  })

  test('in which calls of the control lane were lost is in doubt whatever callers were told', () => {
    expect(aboutIn([{ from: 9000, to: 9006, how: 'refused', lanes: ['control'] }])).toContain('control lane')
  })

  test('of the generator hid nothing where it read answers all through it', () => {
    expect(aboutIn([], sleptAt(9080, 76))).not.toContain('own stall')
  })

  test('of the generator in which nothing was read is in doubt', () => {
    expect(aboutIn([{ from: 9000, to: 9080, how: 'own-stall' }])).toContain('own stall')
  })

  test('of the generator is in doubt where a lane had ended before it', () => {
    const lanes = [
      { lane: 'kept-alive', purpose: 'callers' },
      { lane: 'new-connections', purpose: 'callers', t0: 9050 },
      { lane: 'control', purpose: 'control' },
    ] as const
    expect(aboutIn([], { ...sleptAt(9080, 76), lanes })).toContain('own stall')
  })

  test('is in doubt where nobody watched for short outages', () => {
    const lanes = [{ lane: 'control', purpose: 'control' }] as const
    expect(aboutIn([], { ...sleptAt(9080, 76), lanes })).toContain('own stall')
  })
})
