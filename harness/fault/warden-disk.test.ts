// A warden whose disk is full: it undoes what is overdue all the same, and lives on.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whileFull } from '../history/full-disk.fixture.ts'
import { docker } from '../topology/docker.ts'
import { endLease, leaseFile, takeLease } from '../topology/lease.ts'
import { openFaults } from './fault-log.ts'
import { watchOver } from './warden.ts'

const IMAGE = process.env.FIREDRILL_UPSTREAM_IMAGE ?? 'firedrill/upstream:local'
const RUN = 'fd-full'
let folder = ''
let stopped: Awaited<ReturnType<typeof notStarted>>[] = []

const notStarted = () => docker().createContainer({ Image: IMAGE, Labels: { 'firedrill.run': RUN } })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-warden-disk-'))
  vi.stubEnv('FIREDRILL_LEASES', folder)
  stopped = await Promise.all([notStarted(), notStarted()])
})

afterEach(async () => {
  await Promise.all(stopped.map((container) => container.remove({ force: true })))
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** A stop of a container whose longest life was over a minute ago. */
const overdue = (id: string): string => {
  const undo = [{ act: 'start', container: id }]
  const line = { stage: 'intent', entry: id, id, kind: 'stop', targets: [id], undo, longestMs: 0 }
  return `${JSON.stringify({ ...line, at: Date.now() - 60_000 })}\n`
}

test('every overdue fault is undone though none can be noted, and stays open for the next try', async () => {
  await takeLease({ run: RUN, kind: 'drill', subnet: '10.0.0.0/24' })
  const ids = stopped.map(({ id }) => id)
  for (const id of ids) appendFileSync(leaseFile(RUN, 'faults.jsonl'), overdue(id))
  const running = () => Promise.all(stopped.map(async (each) => (await each.inspect()).State.Running))
  await whileFull(1, async () => {
    const watching = watchOver(RUN)
    await expect.poll(running, { timeout: 10_000 }).toEqual([true, true])
    expect(openFaults(RUN).map(({ id }) => id)).toEqual(ids)
    await endLease(RUN)
    await watching
  })
})
