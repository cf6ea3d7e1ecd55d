// Loaded before a program: its monotonic clock does not count the time in which the program is stopped, as on a virtual machine
// that is suspended. All its threads see one such clock.
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

/** No program that runs goes so long without reading the clock: the ticker does so a thousand times a second. */
const ASLEEP_NS = 500_000_000n
/** Nor does it before it runs: its threads start and compile until they have read it so often. */
const STARTED_AFTER = 2000n

const KEY = 'firedrill-suspended-clock'
if (isMainThread) setEnvironmentData(KEY, new SharedArrayBuffer(24))
/** When the clock was read last, and how much of it was slept away, ns; and how often it was read. */
const shared = new BigInt64Array(getEnvironmentData(KEY) as SharedArrayBuffer)

const real = process.hrtime.bigint
process.hrtime.bigint = (): bigint => {
  const now = real()
  const last = Atomics.exchange(shared, 0, now)
  const isStarted = Atomics.add(shared, 2, 1n) > STARTED_AFTER
  if (isStarted && now - last > ASLEEP_NS) Atomics.add(shared, 1, now - last)
  return now - Atomics.load(shared, 1)
}
