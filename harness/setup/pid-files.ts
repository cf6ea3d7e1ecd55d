// The pid files an engine that died left behind: waits for what is leaving, deletes what lies, keeps what is alive.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** What a pid file says, held against the process table. */
export type PidFile =
  | { readonly state: 'missing' }
  | { readonly state: 'stale'; readonly because: string }
  | { readonly state: 'alive'; readonly pid: number }

/** Where the engine keeps them, and the process each must name to be true. */
export const enginePidFiles = [
  { path: '/var/run/docker.pid', program: 'dockerd' },
  { path: '/var/run/docker/containerd/containerd.pid', program: 'containerd' },
] as const

/**
 * Reads one pid file. dockerd refuses to start while /proc has the number its file names, whoever has it by now, so a number
 * that another program took over is as stale as one that nobody has; and so is a zombie's, which will never listen again.
 */
export const readPidFile = async (file: { path: string; program: string }, procRoot = '/proc'): Promise<PidFile> => {
  const text = await readFile(file.path, 'utf8').catch(() => undefined)
  if (text === undefined) return { state: 'missing' }
  const pid = Number(text.trim())
  if (!Number.isInteger(pid) || pid <= 0) return { state: 'stale', because: 'it names no process' }
  // Line 1 of stat: pid (comm) state …; comm may hold blanks and brackets, so the last bracket ends it.
  const stat = await readFile(join(procRoot, String(pid), 'stat'), 'utf8').catch(() => undefined)
  if (stat === undefined) return { state: 'stale', because: `process ${pid} is gone` }
  const comm = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
  if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z'))
    return { state: 'stale', because: `process ${pid} is a zombie` }
  if (comm !== file.program) return { state: 'stale', because: `process ${pid} is ${comm}, not ${file.program}` }
  return { state: 'alive', pid }
}

/**
 * Waits until an engine on its way out has left, up to the limit, then deletes the pid files that name nobody. Sockets stay: a new
 * engine replaces them itself. Answers with the processes still alive.
 */
export const clearPidFiles = async (
  files: readonly { path: string; program: string }[],
  { limitMs, procRoot = '/proc' }: { limitMs: number; procRoot?: string },
): Promise<readonly { program: string; pid: number }[]> => {
  const endAt = performance.now() + limitMs
  const alive: { program: string; pid: number }[] = []
  for (const file of files) {
    let found = await readPidFile(file, procRoot)
    while (found.state === 'alive' && performance.now() < endAt) {
      await delay(50) // The process table gives no event when somebody else's child leaves, so it is polled.
      found = await readPidFile(file, procRoot)
    }
    if (found.state === 'stale') await rm(file.path, { force: true })
    if (found.state === 'alive') alive.push({ program: file.program, pid: found.pid })
  }
  return alive
}
