// The processes of a run, found by the name that each of them was given in its environment.
import { readdir, readFile } from 'node:fs/promises'

const isOf = async (pid: string, run: string): Promise<boolean> => {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  return environment.split('\0').includes(`FIREDRILL_RUN=${run}`)
}

/** Ends what is left of them, this process excepted, and says how many. Where there is no /proc nobody is found: they end by themselves. */
export const endProcesses = async (run: string): Promise<number> => {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const own = await Promise.all(pids.map((pid) => isOf(pid, run)))
  const left = pids
    .filter((_, i) => own[i])
    .map(Number)
    .filter((pid) => pid !== process.pid)
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return left.length
}
