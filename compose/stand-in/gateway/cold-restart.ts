// A planted defect, off unless the environment asks: a gateway that was started again answers slowly, as one whose caches went with the process before it.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrafficListener } from './proxy.ts'
import type { Defects } from './settings.ts'

/** `COLD_CALL_MS=120`: in a container in which a gateway ran before, every call takes as much longer. `folder` lasts as long as the container. */
export function coldAfterRestart({ coldCallMs }: Defects, answer: TrafficListener, folder = tmpdir()): TrafficListener {
  if (coldCallMs === 0 || !wasHereBefore(folder)) return answer
  return (request, response) => {
    setTimeout(answer, coldCallMs, request, response)
  }
}

function wasHereBefore(folder: string): boolean {
  try {
    writeFileSync(join(folder, 'gateway-was-here'), '', { flag: 'wx' })
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return true
    throw error
  }
}
