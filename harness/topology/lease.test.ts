import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endLease, isAlive, leases, takeLease } from './lease.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-lease-test-'))
  process.env.FIREDRILL_LEASES = folder
})

afterEach(async () => {
  delete process.env.FIREDRILL_LEASES
  await rm(folder, { recursive: true })
})

test('a lease lives while its process does', async () => {
  expect(isAlive(await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' }))).toBe(true)
})

test('a lease whose pid now belongs to another process is dead', async () => {
  const lease = await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' })
  expect(isAlive({ ...lease, startTicks: '1' })).toBe(false)
})

test('an up deployment lives on without its process', async () => {
  const lease = await takeLease({ run: 'fd-1', kind: 'up', subnet: '10.99.0' })
  expect(isAlive({ ...lease, startTicks: '1' })).toBe(true)
})

test('a lease is listed until it is ended, and a torn file claims nothing', async () => {
  await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' })
  await writeFile(join(folder, 'fd-2.json'), '{"run":"fd-')
  expect((await leases()).map((lease) => lease.run)).toEqual(['fd-1'])
  await endLease('fd-1')
  expect(await leases()).toEqual([])
})
