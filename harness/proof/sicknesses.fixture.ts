// Every way in which the sensor itself falls sick: how, when the deployment beside it is out meanwhile, and what has to be said of it.
import type { ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { RECORD_BYTES } from '../history/call-record.ts'
import { limitFiles } from '../history/full-disk.fixture.ts'
import { busyLoops } from './busy-loops.ts'
import { type Drilled, type Patient, playSensorDrill, type SensorDrill } from './sensor-drill.fixture.ts'
import { playApart, sizeOf } from './sensor-drill-apart.fixture.ts'

export interface Sickness {
  readonly what: string
  /** What has to be in doubt, in words; null where nothing may be but what a busy machine does. */
  readonly because: RegExp | null
  readonly play: () => Promise<Drilled>
}

/** While one deployment is out for 1.5 s. */
const OUT: SensorDrill['outage'] = [200, 1700]

/** A sensor that is well, by a wall clock that steps to and fro by an hour: it is nothing to harness or callers. */
export const WELL: Sickness = {
  what: 'a wall clock that steps to and fro by an hour',
  because: null,
  play: () => {
    const wild = new URL('./wild-wall-clock.fixture.ts', import.meta.url).href
    return playApart({ outage: OUT, env: { NODE_OPTIONS: `--import=${wild}` } })
  },
}

/** Played side by side, with the one that is well: each of these hurts one sensor alone. */
export const SICKNESSES: readonly Sickness[] = [
  {
    what: 'callers that are paused in the middle of it',
    because: /generator stood still for [1-9]\.\d s/,
    play: () => playSensorDrill({ outage: OUT, sicken: ({ spawned }) => paused(spawned.process, [400, 1600]) }),
  },
  {
    what: 'callers that are paused all the while',
    because: /generator stood still for [1-9]\.\d s/,
    play: () =>
      playSensorDrill({
        outage: [300, 1600],
        sicken: async ({ spawned, well }) => {
          await Promise.all([paused(spawned.process, [100, 1900]), pause(1000).then(well.closeIdle)])
        },
      }),
  },
  {
    what: 'callers on a machine that is suspended, whose clock stands still as well',
    because: /callers’ clock/,
    play: () =>
      playSensorDrill({
        execArgv: ['--import', new URL('./suspended-clock.fixture.ts', import.meta.url).href],
        outage: [300, 1600],
        lagMs: 1900,
        sicken: ({ spawned }) => paused(spawned.process, [100, 1900]),
      }),
  },
  {
    what: 'a control lane that stalls while the callers are well',
    because: /control lane, which passes no gateway, was not answered for/,
    play: () => playSensorDrill({ outage: OUT, sicken: controlStalls }),
  },
  {
    what: 'callers that die',
    because: /callers were lost at .* stream ended/,
    play: () => playSensorDrill({ outage: OUT, sicken: killed }),
  },
  {
    what: 'a full disk under the history',
    because: /Nobody wrote down how the script ended: the harness was killed, or the history is torn/,
    play: () =>
      playApart({
        outage: OUT,
        // In the middle of a line.
        sicken: async ({ pid }, folder) => limitFiles(sizeOf(folder, 'history.jsonl') + 40, pid),
      }),
  },
  {
    what: 'a disk that is full under the calls for a while',
    because: /callers were lost at .* could not be written/,
    play: () =>
      playApart({
        outage: OUT,
        sicken: async ({ pid }, folder) => {
          // In the middle of a record.
          limitFiles(sizeOf(folder, 'calls/well.calls') + 20 * RECORD_BYTES + 5, pid)
          await pause(700)
          limitFiles(Number.POSITIVE_INFINITY, pid)
        },
      }),
  },
]

/** Takes the processors from everybody. */
export const STARVED: Sickness = {
  what: 'callers that get no processor, beside twice as many busy loops as there are',
  because: /generator stood still|left more than|no processor to be had|were not sent/,
  play: () => playSensorDrill({ outage: OUT, sicken: starved }),
}

/** `from` and `to` in ms from now on. */
const paused = async (program: ChildProcess, [from, to]: readonly [number, number]): Promise<void> => {
  await pause(from)
  program.kill('SIGSTOP')
  await pause(to - from)
  program.kill('SIGCONT')
}

const controlStalls = async ({ echo }: Patient): Promise<void> => {
  await pause(200)
  echo.hold()
  await pause(700)
  echo.letGo()
}

const killed = async ({ spawned }: Patient): Promise<void> => {
  await pause(1000)
  spawned.process.kill('SIGKILL')
}

const starved = async ({ spawned }: Patient): Promise<void> => {
  // Beside a loop of ordinary weight it gets a hundredth of a processor.
  for (const thread of readdirSync(`/proc/${spawned.process.pid}/task`)) setPriority(Number(thread), 19)
  const loops = busyLoops()
  await pause(1800)
  await loops.end()
}
