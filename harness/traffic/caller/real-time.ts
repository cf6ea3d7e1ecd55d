// Real time, where start.sh could have it: sending goes before everything ordinary. Whoever takes a lot of it gives it back.
import { execFile } from 'node:child_process'

/** Calls a second from which on sending takes so much of a processor that others would starve, or the kernel end its real time. */
const MOST_RATE = 2000

/** How a child is started that must not have it: an `execPath` and `execArgv` for fork. */
export const ordinary = (isRealTime: boolean): { readonly execPath?: string; readonly execArgv?: string[] } =>
  isRealTime ? { execPath: 'chrt', execArgv: ['--other', '0', process.execPath] } : {}

/** Whether this program was started in real time. */
export const startedInRealTime = (): boolean => process.env.FIREDRILL_REAL_TIME === '1'

/** Every thread becomes an ordinary one, for good: a user may step down, and not up again. */
const stepDown = (): void => {
  execFile('chrt', ['--all-tasks', '--other', '--pid', '0', String(process.pid)], (error) => {
    const became = error ? `still in real time: ${error.message}` : 'among all others from now on'
    process.stderr.write(`callers: more than ${MOST_RATE} calls/s, ${became}\n`)
  })
}

/** Watches what all lanes together are to send, calls a second, and calls `leave` once that is too much for real time. */
export const watchRates = (leave: () => void = startedInRealTime() ? stepDown : () => {}) => {
  const rates = new Map<string, number>()
  let hasLeft = false
  return {
    /** The lane was opened with this rate, or its rate changes to it. */
    set(lane: string, rate: number): void {
      rates.set(lane, rate)
      const all = [...rates.values()].reduce((sum, each) => sum + each, 0)
      if (hasLeft || all <= MOST_RATE) return
      hasLeft = true
      leave()
    },
    closed(lane: string): void {
      rates.delete(lane)
    },
  }
}
