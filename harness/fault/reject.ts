// reject: the node answers everybody with a reset, as a port that is closed: both ends know at once.
import type { Kind } from './kind.ts'
import type { NetworkWorld } from './network/network.ts'
import { ruleKind } from './network/rule-kind.ts'
import { hitsAnything } from './network/witness.ts'

export const reject = (world: NetworkWorld): Kind =>
  ruleKind(world, {
    kind: 'reject',
    hits: 'both',
    rule: { name: 'reject', parameters: {} },
    expected: { fresh: 'refused', kept: 'reset', counts: hitsAnything },
  })
