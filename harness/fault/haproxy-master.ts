// Who runs inside a balancer's container: a master, which reads the configuration, and workers, which have the connections.
import type { Runtime } from './runtime.ts'

/** A master process of HAProxy's (`-W`) and the workers that it has, by their numbers inside the container. */
export interface Master {
  readonly pid: number
  /** One that was started before the last reload stays until it has finished its calls. */
  readonly workers: readonly number[]
}

/** SIGUSR2 makes another program upgrade itself, or end: whom it is sent has to be known by name. */
const PROGRAM = 'haproxy'

/** Number, parent and name of every process that has not ended, one a line; the shell itself has a parent outside. */
const LIST = `for each in /proc/[0-9]*/status; do
  name= pid= parent= state=
  while read -r key value; do
    case "$key" in Name:) name=$value ;; Pid:) pid=$value ;; PPid:) parent=$value ;; State:) state=$value ;; esac
  done <"$each"
  case "$state" in Z* | X*) ;; *) echo "$pid $parent $name" ;; esac
done 2>/dev/null; true`

interface Process {
  readonly pid: number
  readonly parent: number
  readonly name: string
}

/** What the list says; lines of processes that ended while it was read are left out. */
const processesIn = (list: string): readonly Process[] =>
  list.split('\n').flatMap((line) => {
    const [, pid, parent, name] = /^(\d+) (\d+) (.+)$/.exec(line) ?? []
    return name === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), name }]
  })

/**
 * The master that a signal to the container reaches: process 1, or its child where that is the engine's init, which passes signals on.
 * Null where there is none with a worker, or where nothing inside can tell.
 */
export const masterIn = async (
  runtime: Pick<Runtime, 'execute' | 'settings'>,
  container: string,
): Promise<Master | null> => {
  const [{ hasInit }, { exitCode, output }] = await Promise.all([
    runtime.settings(container),
    runtime.execute(container, ['sh', '-c', LIST]),
  ])
  if (exitCode !== 0) return null
  const programs = processesIn(output).filter(({ name }) => name === PROGRAM)
  for (const { pid } of programs.filter((each) => (hasInit ? each.parent === 1 : each.pid === 1))) {
    const workers = programs.filter(({ parent }) => parent === pid).map((each) => each.pid)
    if (workers.length > 0) return { pid, workers }
  }
  return null
}
