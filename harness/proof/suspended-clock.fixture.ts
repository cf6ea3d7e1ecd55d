// Loaded before a program: its monotonic clock does not count the time in which the program is stopped, as on a virtual machine
// that is suspended. All its threads see one such clock.
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

/** No program that runs goes so long without reading the clock: the ticker does so a thousand times a second. */
const ASLEEP_NS = 500_000_000n

const KEY = 'firedrill-suspended-clock'
if (isMainThread) setEnvironmentData(KEY, new SharedArrayBuffer(16))
/** When the clock was read last, and how much of it was slept away, ns. */
const shared = new BigInt64Array(getEnvironmentData(KEY) as SharedArrayBuffer)

const real = process.hrtime.bigint
process.hrtime.bigint = (): bigint => {
  const now = real()
  const last = Atomics.exchange(shared, 0, now)
  if (last > 0n && now - last > ASLEEP_NS) Atomics.add(shared, 1, now - last)
  return now - Atomics.load(shared, 1)
}
