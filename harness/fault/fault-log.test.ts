import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whileFull } from '../history/full-disk.fixture.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { faultLog, forgetFaults, noteClear, openFaults } from './fault-log.ts'

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
  expect(openFaults(RUN).map(({ id }) => id)).toEqual(['kill-2'])
  for (const open of openFaults(RUN)) noteClear(RUN, open)
  expect(openFaults(RUN)).toEqual([])
})

test('a fault that would not heal stays open, whatever the next scenario calls its own', async () => {
  await faultLog(RUN).intend({ ...fault('kill-1'), targets: ['data-plane-2'] })
  const next = faultLog(RUN)
  await next.intend(fault('kill-1'))
  await next.clear('kill-1')
  expect(openFaults(RUN).map(({ targets }) => targets)).toEqual([['data-plane-2']])
})

test('nothing is open of a deployment that was removed', async () => {
  await faultLog(RUN).intend(fault('kill-1'))
  forgetFaults(RUN)
  expect(openFaults(RUN)).toEqual([])
  await faultLog(RUN).intend(fault('kill-2'))
  expect(openFaults(RUN).map(({ id }) => id)).toEqual(['kill-2'])
})

test('a line that was torn is no fault: nothing had been changed then', async () => {
  await faultLog(RUN).intend(fault('kill-1'))
  appendFileSync(join(folder, `${RUN}.faults.jsonl`), '{"stage":"intent","id":"ki')
  expect(openFaults(RUN).map(({ id }) => id)).toEqual(['kill-1'])
})

test('whatever is written after a line that was torn stands by itself', async () => {
  const log = faultLog(RUN)
  await log.intend(fault('kill-1'))
  appendFileSync(join(folder, `${RUN}.faults.jsonl`), '{"stage":"intent","id":"ki')
  await log.intend(fault('kill-2'))
  expect(openFaults(RUN).map(({ id }) => id)).toEqual(['kill-1', 'kill-2'])
  appendFileSync(join(folder, `${RUN}.faults.jsonl`), '{"sta')
  for (const open of openFaults(RUN)) noteClear(RUN, open)
  expect(openFaults(RUN)).toEqual([])
})

test('what was never half a line of ours may hide a fault: nobody says that there is none', async () => {
  const file = join(folder, `${RUN}.faults.jsonl`)
  for (const line of ['no log', '{"stage":"intent","id":"ki{"stage":"intent","entry":"b","id":"kill-2"}']) {
    writeFileSync(file, `${line}\n`)
    expect(() => openFaults(RUN)).toThrow(/ERR_FAULT_LOG/)
  }
  rmSync(file)
  mkdirSync(file)
  expect(() => openFaults(RUN)).toThrow(/EISDIR/)
})

test('an intent that a full disk took half of rejects, and tears none that comes when there is room again', async () => {
  const log = faultLog(RUN)
  await log.intend(fault('kill-1'))
  const file = join(folder, `${RUN}.faults.jsonl`)
  await whileFull(statSync(file).size + 30, () => expect(log.intend(fault('kill-2'))).rejects.toThrow(/EFBIG/))
  await log.intend(fault('kill-3'))
  expect(openFaults(RUN).map(({ id }) => id)).toEqual(['kill-1', 'kill-3'])
})

test('it goes with the lease, and is no lease itself', async () => {
  await takeLease({ run: RUN, kind: 'drill', subnet: '10.0.0.0/24' })
  const log = faultLog(RUN)
  await log.intend(fault('kill-1'))
  await endLease(RUN)
  expect(openFaults(RUN)).toEqual([])
  await log.clear('kill-1')
  expect(readdirSync(folder)).toEqual([])
})
