import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endLease, takeLease } from '../topology/lease.ts'
import { faultLog, noteClear, openFaults } from './fault-log.ts'

const RUN = 'fd-test'
const fault = (id: string) => ({
  id,
  kind: 'kill' as const,
  targets: ['data-plane-1'],
  undo: [{ act: 'start' as const, container: 'c1' }],
  longestMs: 1000,
})

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-log-'))
  vi.stubEnv('FIREDRILL_LEASES', folder)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('a fault is open from its intent until somebody says that it is clear', async () => {
  const log = faultLog(RUN)
  expect(openFaults(RUN)).toEqual([])
  await log.intend(fault('kill-1'))
  await log.intend(fault('kill-2'))
  expect(openFaults(RUN).map(({ id, undo }) => [id, undo])).toEqual([
    ['kill-1', [{ act: 'start', container: 'c1' }]],
    ['kill-2', [{ act: 'start', container: 'c1' }]],
  ])
  await log.clear('kill-1')
  noteClear(RUN, 'kill-2')
  expect(openFaults(RUN)).toEqual([])
})

test('a line that was torn is no fault: nothing had been changed then', async () => {
  await faultLog(RUN).intend(fault('kill-1'))
  appendFileSync(join(folder, `${RUN}.faults.jsonl`), '{"stage":"intent","id":"ki')
  expect(openFaults(RUN).map(({ id }) => id)).toEqual(['kill-1'])
})

test('it goes with the lease, and is no lease itself', async () => {
  await takeLease({ run: RUN, kind: 'drill', subnet: '10.0.0.0/24' })
  await faultLog(RUN).intend(fault('kill-1'))
  await endLease(RUN)
  expect(openFaults(RUN)).toEqual([])
})
