// replace: the node's containers are stopped, and others of the same make run under their names at other addresses.
import type { Evidence } from '../history/event.ts'
import type { Container } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'
import { attestBack, attestGone, attestStill, type ProcessWorld, STAMP_SLACK_MS } from './process.ts'
import { dockerReplacements, type Replacements } from './replacement/docker.ts'
import { takingPlaceOf } from './replacement/taking-place.ts'
import { aliveSince, inPlace, leadsTo, listens, nobodyInPlace, startedInPlace, there } from './replacement/witness.ts'
import { stillThere, together } from './sighting.ts'

export const replace = (world: ProcessWorld, replacements: Replacements = dockerReplacements): Kind => {
  const { clock } = world
  const { originalOf, attestStarted, acts } = takingPlaceOf(world, replacements)
  /** Who stood in whose place when that was attested. */
  const attested = new Map<string, string>()

  const namesOf = (container: Container): readonly string[] => originalOf(container).names

  const attest = async (container: Container, injected: Promise<void>): Promise<Attestation> => {
    const since = clock.now()
    await injected
    const replacement = await replacements.find(container.id)
    if (!replacement) return { evidence: [inPlace(world, container, null)], bounds: null }
    attested.set(container.id, replacement.id)
    const [heard, started, ...named] = await Promise.all([
      // Not before: a neighbour that was looked for in vain is looked for again a second later, by the kernel.
      listens(world, there(container)),
      startedInPlace(world, container, replacement, since),
      ...namesOf(container).map((name) => leadsTo(world, there(container), name)),
    ])
    return {
      evidence: [inPlace(world, container, replacement), heard.evidence, started, ...named],
      // It listens at some time after its start, and at the first connection that it takes.
      bounds: heard.bounds && [Math.min(started.at - STAMP_SLACK_MS, heard.bounds[0]), heard.bounds[1]],
    }
  }

  /** The same one as then, alive ever since, and found under the name still. */
  const attestHeld = async (container: Container, since: number): Promise<readonly Evidence[]> => {
    const replacement = await replacements.find(container.id)
    const isSame = replacement !== null && replacement.id === attested.get(container.id)
    return Promise.all([
      inPlace(world, container, isSame ? replacement : null),
      ...(replacement ? [aliveSince(world, container, replacement, since)] : []),
      ...namesOf(container).map((name) => leadsTo(world, there(container), name)),
    ])
  }

  const cleared = async (container: Container, healed: Promise<void>): Promise<Attestation> => {
    await healed
    const gone = nobodyInPlace(world, container, await replacements.find(container.id))
    const [heard, ...named] = await Promise.all([
      // Its replacement was in service until now: until it listens itself, callers miss one of the two.
      listens(world, container),
      ...namesOf(container).map((name) => leadsTo(world, container, name)),
    ])
    return { evidence: [gone, heard.evidence, ...named], bounds: heard.bounds, ...stillThere([gone]) }
  }

  return {
    kind: 'replace',
    ...acts,
    attest: async (node, injected) =>
      together(
        await Promise.all([
          attestGone(world, node, injected, { graceful: true }),
          ...node.containers.map((container) => attest(container, injected)),
        ]),
      ),
    attestHeld: async (node, since) => [
      ...(await attestStill(world, node, since, { state: 'gone', undoneBy: 'start' })),
      ...(await Promise.all(node.containers.map((container) => attestHeld(container, since)))).flat(),
    ],
    attestClear: async (node, healed) =>
      together(
        await Promise.all([
          attestBack(world, node, healed),
          attestStarted(node, healed),
          ...node.containers.map((container) => cleared(container, healed)),
        ]),
      ),
  }
}
