import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf, KILL } from '../analysis/history.fixture.ts'
import type { LogLine } from '../history/history.ts'
import { judge } from './judge.ts'
import type { Finding } from './verdict.ts'

const line = (at: number, text: string, file = 'logs/backup-to-s3.log'): LogLine => ({ file, line: 1, at, text })

/** A gateway that is started from the store at 8 s. */
const findingOf = (...log: readonly LogLine[]): Finding | undefined => {
  const history = historyOf({ faults: [{ ...KILL, kind: 'reconfigure' }], demand: { storeAge: '5s' }, log })
  const asked = { from: 'store', writer: 'backup-to-s3' }
  const events = history.events.map((event) => (event.kind === 'fault' ? { ...event, asked } : event))
  const told = { ...history, events }
  return judge(told, analyse(told)).findings.find(({ objective }) => objective === 'storeAge')
}

describe('the fallback from which a gateway starts', () => {
  test('is as old as the last backup before, whatever is written later', () => {
    const finding = findingOf(line(2000, 'backup written'), line(6000, 'backup written'), line(9000, 'backup written'))
    expect(finding).toMatchObject({ outcome: 'pass' })
    expect(finding?.measured).toBeCloseTo(2025, -2)
  })

  test('may not be what was written as it started: it was in effect between 8015 and 8025', () => {
    expect(findingOf(line(2000, 'backup written'), line(8018, 'backup written'))).toMatchObject({ outcome: 'fail' })
    expect(findingOf(line(2000, 'backup written'), line(8012, 'backup written'))).toMatchObject({ outcome: 'pass' })
  })

  test('that is older than the limit is the fault of whoever was to write it', () => {
    expect(findingOf(line(1000, 'backup written'))).toMatchObject({ outcome: 'fail', culprit: 'backup-to-s3' })
  })

  test('that nobody ever wrote is so too, and how old it is is not known', () => {
    expect(findingOf(line(1000, 'gateway group id not found, skipping backup'))).toMatchObject({
      outcome: 'fail',
      measured: null,
      culprit: 'backup-to-s3',
    })
  })

  test('whose writer was not heard at all, or another one’s, proves nothing', () => {
    expect(findingOf(line(7000, 'backup written', 'logs/backup-to-azure.log'))).toMatchObject({
      outcome: 'inconclusive',
    })
  })
})
