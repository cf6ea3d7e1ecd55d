// The thread that looks whether the machine has processors to give. It reads and waits in one go: each look takes 0.1 ms, and no turn of a loop.
import { readFileSync } from 'node:fs'
import { cpus, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { monotonicMs } from '../time/clock.ts'
import { LOOK_EVERY_MS, type Look, type Shortage, shortagesSeen, waitedUsFrom } from './processors.ts'

/** Half of the way to the first in line: whoever is measured has 0, and the harness 10. */
const NICENESS = -10

/** So often what was seen is told, ms: telling wakes the harness. */
const TELL_EVERY_MS = 250

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not Linux, or a kernel that does not count.
    return ''
  }
}

const look = (): Look => {
  const [pressure, uptime] = [read('/proc/pressure/cpu'), read('/proc/uptime')]
  return { at: monotonicMs(), pressure, uptime }
}

/** The harness yields to what it measures; this thread hardly takes anything, and has to be in time. Only root may. */
const goFirst = (): void => {
  try {
    setPriority(0, NICENESS)
  } catch {
    // Looks come later then, and say so.
  }
}

const over = workerData as Int32Array
goFirst()
const seenBy = shortagesSeen(cpus().length)
let seen: Shortage[] = []
let toldAt = monotonicMs()
const tell = (): void => {
  if (seen.length > 0) parentPort?.postMessage(seen)
  seen = []
  toldAt = monotonicMs()
}
for (let next = look(); waitedUsFrom(next.pressure) !== null; next = look()) {
  const shortage = seenBy(next)
  if (shortage) seen.push(shortage)
  if (next.at - toldAt >= TELL_EVERY_MS) tell()
  if (Atomics.wait(over, 0, 0, LOOK_EVERY_MS) !== 'timed-out') break
}
tell()
