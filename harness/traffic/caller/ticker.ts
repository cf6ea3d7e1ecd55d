// Wakes the sending thread when a call is due. A timer would be late by up to 1 ms; a thread that waits on memory is not.
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { monotonicMs } from '../../time/clock.ts'

// At least this often, so that the sending thread's stalls and deadlines are noticed between calls.
const LONGEST_MS = 1
// After a wake the next instant is not published yet: look again this soon.
const AGAIN_MS = 0.2
const ROLE = 'firedrill-ticker'

/**
 * Calls `tick` when the instant it returned last has come, on the monotonic clock, and at least once a millisecond;
 * each time in a fresh turn of the event loop. Resolves at the first.
 */
export const startTicker = (tick: () => number): Promise<void> => {
  // One double, the next instant, and one count of wakes. Aligned 8-byte stores are not torn on any machine Node runs on.
  const shared = new SharedArrayBuffer(16)
  const worker = new Worker(new URL(import.meta.url), { workerData: { role: ROLE, shared } })
  worker.unref()
  return new Promise((resolve) => {
    // Without the thread a timer does: later by half a millisecond, and never silent.
    worker.once('error', () => {
      setInterval(tick, 1)
      resolve()
    })
    listen(shared, () => {
      resolve()
      return tick()
    })
  })
}

const listen = (shared: SharedArrayBuffer, tick: () => number): void => {
  const due = new Float64Array(shared, 0, 1)
  const wakes = new Int32Array(shared, 8, 1)
  const wait = (): void => {
    const wake = Atomics.waitAsync(wakes, 0, Atomics.load(wakes, 0))
    // Not async means that it was woken meanwhile: the loop must still turn, or answers would never be read.
    if (wake.async) wake.value.then(next)
    else setImmediate(next)
  }
  const next = (): void => {
    due[0] = tick()
    wait()
  }
  wait()
}

const beat = (shared: SharedArrayBuffer): never => {
  const due = new Float64Array(shared, 0, 1)
  const wakes = new Int32Array(shared, 8, 1)
  const own = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    const leftMs = (due[0] ?? 0) - monotonicMs()
    Atomics.wait(own, 0, 0, leftMs > 0 ? Math.min(leftMs, LONGEST_MS) : AGAIN_MS)
    if (leftMs > 0 || monotonicMs() >= (due[0] ?? 0)) {
      Atomics.add(wakes, 0, 1)
      Atomics.notify(wakes, 0)
    }
  }
}

if (!isMainThread && workerData?.role === ROLE) beat(workerData.shared)
