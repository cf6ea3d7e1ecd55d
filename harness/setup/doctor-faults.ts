// How each fault of today's drills will be attested: by witnesses that do not depend on whoever injects it.
import { type Check, good, missing } from './check.ts'
import type { EngineAnswer } from './engine.ts'

const byTheEngine = 'container state + probe from inside the network'

const faults = [
  { kind: 'stop', witnesses: `engine event (die, exit code) + ${byTheEngine}` },
  { kind: 'kill', witnesses: `engine event (die, exit code 137) + ${byTheEngine}` },
  { kind: 'replace', witnesses: `engine events (die, start) + whom the network's name server names + ${byTheEngine}` },
  { kind: 'pause', witnesses: `engine event (pause) + an answer that stays away + ${byTheEngine}` },
  { kind: 'isolate', witnesses: "the packet rule's own counters + probe from inside the network" },
  { kind: 'bandwidth', witnesses: "how long answers take to come, before and now + the queue's own counters" },
  { kind: 'slow', witnesses: "how long connections take, before and now + the packets' own counter" },
  { kind: 'certificate', witnesses: 'the file + handshakes made elsewhere with what is in it + /status/ready' },
  { kind: 'restart', witnesses: `engine events (die, start) + ${byTheEngine}` },
  {
    kind: 'switchover',
    witnesses: "who leads, by every member's word + PostgreSQL's own timeline + the balancer's state",
  },
  { kind: 'quorum', witnesses: 'a read through the members that are left, which only a majority confirms' },
  { kind: 'drain', witnesses: "the balancer's own state + its log: no new call to the node" },
] as const

/** Every witness speaks through the engine: its events, its containers' states, or a port it publishes. */
export const faultChecks = (answer: EngineAnswer | undefined): readonly Check[] =>
  answer?.outcome === 'answers'
    ? faults.map(({ kind, witnesses }) => good(kind, `attested by ${witnesses}`))
    : [missing('faults', 'none can be attested', 'They need a Docker engine that answers.')]
