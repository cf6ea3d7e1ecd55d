// What the kernel's control group says of a container from inside: limits, and how often it came up against them.
import type { Evidence } from '../history/event.ts'
import type { Clock } from '../time/clock.ts'
import type { Container } from '../topology/topology.ts'
import type { Runtime } from './runtime.ts'

/** One look. Counts are since the container was started. */
export interface ControlGroup {
  /** Processors it may use; null where there is no limit. */
  readonly cores: number | null
  readonly periods: number
  /** Periods in which it was made to wait for the next. */
  readonly throttled: number
  readonly limitBytes: number
  readonly usedBytes: number
  /** Pages of files, which the kernel takes back when it must. */
  readonly reclaimableBytes: number
  /** How often it came up against the limit of memory. */
  readonly hits: number
  /** Processes that were ended for want of memory. */
  readonly killed: number
}

/** What a program needs at least beyond what it holds, so that the fault is a shortage and not its end. */
const SPARE_BYTES = 4 * 2 ** 20

/** The memory without which it could not live. */
export const neededBytes = ({ usedBytes, reclaimableBytes }: ControlGroup): number =>
  usedBytes - reclaimableBytes + SPARE_BYTES

/** What a container's control group lets it have, as evidence: `may` is 'hold 64 MiB'; null where there is nobody to ask. */
export const groupSaid = (
  clock: Clock,
  { name }: Container,
  { may, confirms }: { readonly may: string | null; readonly confirms: boolean },
): Evidence => ({
  source: 'control group',
  said: may === null ? `${name} would not say what it may have: sh does not run in it any more` : `${name} may ${may}`,
  confirms,
  at: clock.now(),
  container: name,
})

const FILES = [
  // version 1
  'cpu/cpu.cfs_quota_us',
  'cpu/cpu.cfs_period_us',
  'cpu/cpu.stat',
  'memory/memory.limit_in_bytes',
  'memory/memory.usage_in_bytes',
  'memory/memory.stat',
  'memory/memory.failcnt',
  'memory/memory.memsw.failcnt',
  'memory/memory.oom_control',
  // version 2
  'cpu.max',
  'cpu.stat',
  'memory.max',
  'memory.current',
  'memory.stat',
  'memory.events',
]

// Nothing is forked: a container that is short of processors or of memory has neither to give.
const PROGRAM = `cd /sys/fs/cgroup || exit 1
for file in ${FILES.join(' ')}; do
  if [ -r $file ]; then while read -r line; do echo "$file $line"; done < $file; fi
done`

/** Reads it. Null where nothing inside can: it does not run, has no shell, or no control group is to be seen. */
export const readControlGroup = async (runtime: Runtime, container: string): Promise<ControlGroup | null> => {
  const { exitCode, output } = await runtime.execute(container, ['sh', '-c', PROGRAM])
  return exitCode === 0 ? controlGroupOf(output) : null
}

/** What `file key value` lines come to, of either version; null where they lack a limit. */
export const controlGroupOf = (output: string): ControlGroup | null => {
  const lines = output.split('\n').map((line) => line.trim())
  const said = (start: string): string | undefined =>
    lines.find((line) => line.startsWith(`${start} `))?.slice(start.length + 1)
  const number = (...starts: readonly string[]): number => {
    const words = starts.map(said).find((each) => each !== undefined)
    return words === 'max' ? Infinity : Number(words ?? 0)
  }
  const [quota, period] = (said('cpu.max') ?? `${said('cpu/cpu.cfs_quota_us')} ${said('cpu/cpu.cfs_period_us')}`)
    .split(' ')
    .map(Number)
  const limitBytes = number('memory/memory.limit_in_bytes', 'memory.max')
  if (quota === undefined || !period || limitBytes === 0) return null
  return {
    cores: quota > 0 ? quota / period : null,
    periods: number('cpu/cpu.stat nr_periods', 'cpu.stat nr_periods'),
    throttled: number('cpu/cpu.stat nr_throttled', 'cpu.stat nr_throttled'),
    limitBytes,
    usedBytes: number('memory/memory.usage_in_bytes', 'memory.current'),
    reclaimableBytes:
      number('memory/memory.stat total_active_file', 'memory.stat active_file') +
      number('memory/memory.stat total_inactive_file', 'memory.stat inactive_file'),
    // Version 1 counts at the limit with swap first, which is the same one here.
    hits: number('memory/memory.failcnt', 'memory.events max') + number('memory/memory.memsw.failcnt'),
    killed: number('memory/memory.oom_control oom_kill', 'memory.events oom_kill'),
  }
}
