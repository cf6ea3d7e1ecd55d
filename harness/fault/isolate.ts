// isolate: no packet comes to the node or leaves it; or only connections that are opened, or those that were open, are hit.
import { ScenarioError } from '../time/errors.ts'
import type { Hits, Kind } from './kind.ts'
import { addressSet } from './network/address-set.ts'
import type { NetworkWorld } from './network/network.ts'
import { ruleKind } from './network/rule-kind.ts'
import { type Expected, hitsAnything } from './network/witness.ts'

export interface IsolateOptions {
  /** Which connections are hit: both, where nothing is said. */
  readonly connections?: Hits
  /** IPv4 addresses that stay within reach: the rest of a zone that is cut off as a whole. */
  readonly except?: readonly string[]
}

const RULES = { both: 'isolate', new: 'isolate-new', established: 'isolate-established' } as const

const SEEN: Readonly<Record<Hits, Pick<Expected, 'fresh' | 'kept'>>> = {
  both: { fresh: 'silent', kept: 'silent' },
  new: { fresh: 'silent', kept: 'answered' },
  established: { fresh: 'present', kept: 'silent' },
}

/** Throws ScenarioError on an address that is none. */
export const isolate = (world: NetworkWorld, { connections = 'both', except = [] }: IsolateOptions = {}): Kind => {
  if (!Object.hasOwn(RULES, connections))
    throw new ScenarioError(`isolate: connections is '${connections}', expected both, new or established.`, {
      code: 'ERR_FAULT_OPTION',
    })
  return ruleKind(world, {
    kind: 'isolate',
    hits: connections,
    ...((connections !== 'both' || except.length > 0) && {
      asked: { ...(connections !== 'both' && { connections }), ...(except.length > 0 && { except: except.join(' ') }) },
    }),
    rule: { name: RULES[connections], parameters: { except: addressSet('isolate', except) } },
    expected: { ...SEEN[connections], counts: hitsAnything },
  })
}
