// outage: the power goes: every process of every target ends at once, as on a rack or in a zone; healed by a start.
import { kill } from './kill.ts'
import type { Kind } from './kind.ts'
import type { ProcessWorld } from './process.ts'

export const outage = (world: ProcessWorld): Kind => ({ ...kill(world), kind: 'outage' })
