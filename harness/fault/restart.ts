// restart: a graceful stop that is healed at once, as maintenance does it.
import type { Kind } from './kind.ts'
import type { ProcessWorld } from './process.ts'
import { stop } from './stop.ts'

export const restart = (world: ProcessWorld): Kind => ({ ...stop(world), kind: 'restart' })
