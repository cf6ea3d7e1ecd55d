// How each fault of today's drills will be attested: by witnesses that do not depend on whoever injects it.
import { type Check, good, missing } from './check.ts'
import type { EngineAnswer } from './engine.ts'

const byTheEngine = 'container state + probe from inside the network'

/** Kinds that the same witnesses speak for stand in one line. */
export const attestedBy: readonly { readonly kinds: readonly string[]; readonly witnesses: string }[] = [
  { kinds: ['stop'], witnesses: `engine event (die, exit code) + ${byTheEngine}` },
  { kinds: ['kill', 'outage'], witnesses: `engine event (die, exit code 137) + ${byTheEngine}` },
  { kinds: ['crash', 'restart', 'flap'], witnesses: `engine events (die, start) + ${byTheEngine}` },
  { kinds: ['replace'], witnesses: `engine events + whom the network's name server names + ${byTheEngine}` },
  { kinds: ['upgrade', 'reconfigure'], witnesses: 'engine events (die, start) + image and environment by the engine' },
  { kinds: ['pause'], witnesses: `engine event (pause) + an answer that stays away + ${byTheEngine}` },
  { kinds: ['drain'], witnesses: "each balancer's own word on the node's state, asked anew" },
  {
    kinds: ['reload'],
    witnesses: 'which worker answers, before and now + the processes inside + engine event (signal)',
  },
  {
    kinds: ['isolate', 'one-way', 'reject', 'partition', 'loss'],
    witnesses: "the packet rule's own counters + new and old connections from inside the network",
  },
  { kinds: ['bandwidth'], witnesses: "how long answers take to come, before and now + the queue's own counters" },
  { kinds: ['slow'], witnesses: "how long connections take, before and now + the packets' own counter" },
  { kinds: ['cpu', 'memory', 'disk'], witnesses: "the kernel's limit and counters, or free space, read from inside" },
  { kinds: ['switchover'], witnesses: "every member's word + PostgreSQL's own timeline + the balancer's state" },
  { kinds: ['certificate'], witnesses: 'the file + handshakes made elsewhere with what is in it + /status/ready' },
]

/** Of a fault that takes members of a config store, beside its own. */
const QUORUM = 'a read through the members that are left, which only a majority confirms'

/** Every witness speaks through the engine: its events, its containers' states, or a port it publishes. */
export const faultChecks = (answer: EngineAnswer | undefined): readonly Check[] =>
  answer?.outcome === 'answers'
    ? [
        ...attestedBy.map(({ kinds, witnesses }) => good('fault', `${kinds.join(', ')}: attested by ${witnesses}`)),
        good('fault', `quorum lost: attested by ${QUORUM}`),
      ]
    : [missing('faults', 'none can be attested', 'They need a Docker engine that answers.')]
