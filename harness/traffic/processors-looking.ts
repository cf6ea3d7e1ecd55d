// The thread that looks whether the machine has processors to give. It reads and waits in one go, and takes no turn of a loop.
import { openSync, readSync } from 'node:fs'
import { cpus, setPriority } from 'node:os'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { monotonicMs } from '../time/clock.ts'
import {
  LOOK_EVERY_MS,
  type Look,
  type LookingPlan,
  type Named,
  type Seen,
  type Shortage,
  shortagesSeen,
  waitedUsFrom,
} from './processors.ts'
import { createRunQueues } from './run-queues.ts'

/** Half of the way to the first in line: whoever is measured has 0, and the harness 10. */
const NICENESS = -10

/** So often what was seen is told, ms: telling wakes the harness. */
const TELL_EVERY_MS = 250

/** So often it looks for processes that are new, ms. */
const FIND_EVERY_MS = 1000

/** Opened once: to open takes ten times as long as to read. */
const kept = (path: string): (() => string) => {
  const buffer = Buffer.alloc(512)
  try {
    const fd = openSync(path, 'r')
    const read = (): string => buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0))
    read()
    return read
  } catch {
    // Not Linux, or a kernel that does not count: some say so when they are read.
    return () => ''
  }
}

/** The harness yields to what it measures; this thread hardly takes anything, and has to be in time. Only root may. */
const goFirst = (): void => {
  try {
    setPriority(0, NICENESS)
  } catch {
    // Looks come later then, and say so.
  }
}

const { over, expected } = workerData as LookingPlan
goFirst()
const queues = expected && createRunQueues({ expected })
const [pressureNow, uptimeNow] = [kept('/proc/pressure/cpu'), kept('/proc/uptime')]
const look = (): Look => {
  const [pressure, uptime, at] = [pressureNow(), uptimeNow(), monotonicMs()]
  return { at, pressure, uptime, waited: queues?.look(at) ?? null }
}

let unnamed: readonly string[] = []
let foundAt = -Infinity
const find = (): void => {
  if (!queues) return
  for (let told = receive(); told; told = receive()) queues.name(told.container, told.who)
  foundAt = monotonicMs()
  unnamed = queues.find(foundAt)
}
const receive = (): Named | undefined => parentPort && receiveMessageOnPort(parentPort)?.message

const seenBy = shortagesSeen(cpus().length)
let shortages: Shortage[] = []
let toldAt = monotonicMs()
const tell = (): void => {
  if (shortages.length > 0 || unnamed.length > 0) parentPort?.postMessage({ shortages, unnamed } satisfies Seen)
  shortages = []
  unnamed = []
  toldAt = monotonicMs()
}

const isTold = ({ pressure, waited }: Look): boolean => waitedUsFrom(pressure) !== null || waited !== null
find()
for (let next = look(); isTold(next); next = look()) {
  const shortage = seenBy(next)
  if (shortage) shortages.push(shortage)
  if (next.at - toldAt >= TELL_EVERY_MS) tell()
  if (next.at - foundAt >= FIND_EVERY_MS) find()
  if (Atomics.wait(over, 0, 0, LOOK_EVERY_MS) !== 'timed-out') break
}
tell()
queues?.close()
