// A network of containers in memory: who is cut off, who was restarted, and what each rule has counted.
import type { Container, Node } from '../../topology/topology.ts'
import type { Lifted, Network, NetworkWorld, Rule, Tally } from './network.ts'

/** Everything is dropped, and nobody is spared. */
export const ISOLATE: Rule = { name: 'isolate', parameters: { except: '{127.255.255.254}' } }

interface Place {
  life: number
  isRunning: boolean
  /** The rule in the namespace of now. */
  rule: { tally: Tally } | null
  /** What its helper holds: the same, until a restart or somebody else takes the namespace's away. */
  held: { tally: Tally } | null
}

export const containerNamed = (name: string): Container => ({
  id: name,
  name,
  service: name,
  address: name,
  image: 'i',
  ports: { http: { inside: 9080 } },
})

export const target: Node = {
  name: 'control-plane-1',
  role: 'control-plane',
  zone: 'a',
  containers: [containerNamed('dashboard'), containerNamed('dp-manager')],
}

/** The target's containers and a bystander, on a clock that each look moves by one ms. */
export const inMemory = (overrides: Partial<Network> = {}) => {
  const fresh = (): Place => ({ life: 1, isRunning: true, rule: null, held: null })
  const places = new Map(['dashboard', 'dp-manager', 'bystander'].map((name) => [name, fresh()]))
  const at = (name: string): Place => {
    const place = places.get(name)
    if (!place) throw new RangeError(`No container is named ${name}.`)
    return place
  }
  const count = (place: Place, change: Partial<Tally>): void => {
    if (place.rule) place.rule.tally = { ...place.rule.tally, ...change }
  }
  let nowMs = 1000
  const network: Network = {
    async impose(name) {
      const rule = { tally: { came: 0, went: 0, kept: 0, passed: 0 } }
      Object.assign(at(name), { rule, held: rule })
    },
    async count(name) {
      nowMs += 1
      return at(name).held?.tally ?? null
    },
    async lift(name): Promise<Lifted> {
      const { held } = at(name)
      Object.assign(at(name), { rule: null, held: null })
      return held
        ? { outcome: 'counted', tally: held.tally }
        : { outcome: 'uncounted', because: 'its helper was killed' }
    },
    reach: async () => 'silent',
    look: async (name) => (at(name).isRunning ? at(name).rule !== null : null),
    sever: async () => 0,
    livesSince: async (name) => (at(name).isRunning ? `life ${at(name).life}` : null),
    settled: async () => {},
    ...overrides,
  }
  const world: NetworkWorld = {
    run: 'r',
    network,
    clock: { now: () => nowMs },
    attestLimitMs: 30,
    async probe(address) {
      nowMs += 1
      const place = at(address)
      if (place.rule && place.isRunning) count(place, { came: place.rule.tally.came + 1 })
      const outcome = !place.isRunning || place.rule ? 'timed-out' : 'connected'
      return { outcome, from: nowMs - 1, to: nowMs }
    },
  }
  return {
    world,
    at,
    /** A new life in a new namespace; the helper stays behind in the old one. */
    restart: (name: string): void =>
      void Object.assign(at(name), { life: at(name).life + 1, isRunning: true, rule: null }),
    /** The helper dies, and the rule with it. */
    killHelper: (name: string): void => void Object.assign(at(name), { rule: null, held: null }),
    /** The rule lapses for a packet. */
    lapse: (name: string): void => count(at(name), { passed: 1 }),
  }
}
