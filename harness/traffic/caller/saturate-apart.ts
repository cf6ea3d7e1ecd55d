// Saturates servers from a process of its own: a closed loop takes all there is, and the callers' event loop and real time are not for it.
import { fork } from 'node:child_process'
import type { SaturateAnswer, SaturateOrder } from './protocol.ts'
import { ordinary, startedInRealTime } from './real-time.ts'
import type { Saturated } from './saturating.ts'

/** Rejects where the order cannot be carried out, or the process ends before it was. */
export const saturateApart = (order: SaturateOrder): Promise<SaturateAnswer> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL('./saturating.ts', import.meta.url), {
      ...ordinary(startedInRealTime()),
      // Our standard output is a stream of frames.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.once('message', (told: Saturated) => {
      if ('because' in told) reject(new Error(told.because))
      else resolve(told.answer)
      child.disconnect()
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`Saturating ended with ${code ?? signal} and no answer.`)))
    child.send(order)
  })
