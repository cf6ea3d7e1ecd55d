// one-way: packets pass in one direction only, as behind a link or a firewall that is broken on one side.
import { ScenarioError } from '../time/errors.ts'
import type { Kind } from './kind.ts'
import type { NetworkWorld } from './network/network.ts'
import { ruleKind } from './network/rule-kind.ts'

export interface OneWayOptions {
  /** What is lost: packets that come in to the node, or those that go out from it. */
  readonly direction: 'in' | 'out'
}

/** Either way no connection is made and none goes on; the count alone tells the two apart. Throws ScenarioError on another direction. */
export const oneWay = (world: NetworkWorld, { direction }: OneWayOptions): Kind => {
  if (direction !== 'in' && direction !== 'out')
    throw new ScenarioError(`one-way: direction is '${direction}', expected in or out.`, { code: 'ERR_FAULT_OPTION' })
  return ruleKind(world, {
    kind: 'one-way',
    hits: 'both',
    asked: { direction },
    rule: { name: `one-way-${direction}`, parameters: {} },
    expected: {
      fresh: 'silent',
      kept: 'silent',
      // A request that gets in and an answer that is lost: what is spared shows that the other way is open.
      counts: ({ came, went, kept }) =>
        direction === 'in' ? came > 0 && went === 0 : went > 0 && came === 0 && kept > 0,
    },
  })
}
