// The processes of a run, found by the name that each of them was given in its environment.
import { readdir, readFile } from 'node:fs/promises'

const isOf = async (pid: string, run: string): Promise<boolean> => {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  return environment.split('\0').includes(`FIREDRILL_RUN=${run}`)
}

/** Ends what is left of them, this process excepted. Where there is no /proc nobody is found: they end by themselves. */
export const endProcesses = async (run: string): Promise<void> => {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const own = await Promise.all(pids.map((pid) => isOf(pid, run)))
  for (const pid of pids.filter((_, i) => own[i]).map(Number)) {
    if (pid === process.pid) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
