// A warden whose disk is full: it undoes what is overdue all the same, and lives on.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whileFull } from '../history/full-disk.fixture.ts'
import { endLease, leaseFile, takeLease } from '../topology/lease.ts'
import { type SmallBalancer, startBalancer } from './balancer.fixture.ts'
import { openFaults } from './fault-log.ts'
import { watchOver } from './warden.ts'

const RUN = 'fd-full'
let folder = ''
let balancer: SmallBalancer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-warden-disk-'))
  vi.stubEnv('FIREDRILL_LEASES', folder)
  balancer = await startBalancer('gateways', ['dp-1', 'dp-2'])
})

afterEach(() => {
  balancer.stop()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** A drain of a node whose longest life was over a minute ago. */
const overdue = (node: string): string => {
  const undo = [{ act: 'trust', port: balancer.port, node }]
  const line = { stage: 'intent', entry: node, id: node, kind: 'drain', targets: [node], undo, longestMs: 0 }
  return `${JSON.stringify({ ...line, at: Date.now() - 60_000 })}\n`
}

test('every overdue fault is undone though none can be noted, and stays open for the next try', async () => {
  await takeLease({ run: RUN, kind: 'drill', subnet: '10.0.0.0/24' })
  for (const node of ['dp-1', 'dp-2']) {
    balancer.states.set(node, 'DRAIN')
    appendFileSync(leaseFile(RUN, 'faults.jsonl'), overdue(node))
  }
  await whileFull(1, async () => {
    const watching = watchOver(RUN)
    await vi.waitFor(() => expect([...balancer.states.values()]).toEqual(['UP', 'UP']))
    expect(openFaults(RUN).map(({ id }) => id)).toEqual(['dp-1', 'dp-2'])
    await endLease(RUN)
    await watching
  })
})
