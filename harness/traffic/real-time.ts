// Asks the kernel to let a container's program run whenever it can: what holds up everybody else does not hold up the callers.
import { finished } from 'node:stream/promises'
import { docker } from '../topology/docker.ts'

/**
 * µs of each second in which the program may have a processor to itself. Where the kernel shares real time out by control
 * group, nobody has any unless it is given some; all that are given some together may have 950 ms.
 */
const RUNTIME_US = 800_000
const PERIOD_US = 1_000_000

/** Of the two kinds the one that shares with its like; 1 is the lowest priority there is, and above all that have none. */
const COMMAND = ['chrt', '--all-tasks', '--rr', '--pid', '1', '1']

const LIMIT_MS = 10_000

/** What root in the container has to be allowed beforehand. Privileged, the exec would want rights that an engine in a container has not. */
export const REAL_TIME_CAPABILITY = 'SYS_NICE'

/** Once the program runs and has compiled itself: all its threads. False where the engine or the kernel does not allow it. */
export const inRealTime = async (id: string): Promise<boolean> => {
  const container = docker().getContainer(id)
  // Refused where the kernel knows no such shares; there nobody needs one.
  await container.update({ CpuRealtimePeriod: PERIOD_US, CpuRealtimeRuntime: RUNTIME_US }).catch(() => {})
  try {
    const started = await container.exec({ Cmd: COMMAND, User: 'root', AttachStdout: true })
    const output = await started.start({})
    // It has ended when what it says has.
    await finished(output.resume(), { signal: AbortSignal.timeout(LIMIT_MS) })
    return (await started.inspect()).ExitCode === 0
  } catch {
    return false
  }
}
