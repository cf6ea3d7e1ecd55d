// upgrade and reconfigure: another container stands in the node's place, of another image or told otherwise; healed, it is itself again.
import type { Evidence } from '../history/event.ts'
import type { Container } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'
import { engineSaid, type ProcessWorld, STAMP_SLACK_MS, stateSaid } from './process.ts'
import type { Replacement, Replacements } from './replacement/docker.ts'
import type { Otherwise } from './replacement/remade.ts'
import { takingPlaceOf } from './replacement/taking-place.ts'
import { nobodyInPlace, startedInPlace } from './replacement/witness.ts'
import { stillThere, together } from './sighting.ts'

export interface RemakeOptions extends Otherwise {
  readonly kind: 'upgrade' | 'reconfigure'
  /** What is said of it in the record; never an environment's values. */
  readonly asked: Readonly<Record<string, string>>
}

/** Maintenance goes from node to node, and each new one stays until the last is done. */
const LONGEST_MS = 15 * 60_000

/**
 * Whether what stands there comes up, and when, is the deployment's own affair: it is judged as readmission, and not attested. Nor is
 * whether the engine can start it at all.
 */
export const remake = (
  world: ProcessWorld,
  replacements: Replacements,
  { kind, asked, environment = {} }: RemakeOptions,
): Kind => {
  const { clock } = world
  const attested = new Map<string, string>()
  const { originalOf, attestStarted, acts } = takingPlaceOf(world, replacements, { mayBeUnfit: true })

  /** The engine's own word on what it is made of, where it stands, and what it was told. */
  const madeSo = (container: Container, found: Replacement | null): Evidence => {
    const { create } = originalOf(container)
    const told = Object.entries(environment).filter(([name, value]) => found?.environment?.[name] === value)
    const isSo =
      found !== null &&
      found.image === create.Image &&
      told.length === Object.keys(environment).length &&
      Object.values(found.addresses).every((address) => address === container.address || address === '')
    const said = found
      ? `in place of ${container.name} stands ${found.id.slice(0, 12)}, of image ${found.image?.slice(0, 19) ?? 'unknown'}${told.length > 0 ? `, told ${told.map(([name]) => name).join(', ')}` : ''}, which ${faresAs(found)}`
      : `nobody stands in the place of ${container.name}`
    return { source: 'container state', said, confirms: isSo, at: clock.now(), container: container.name }
  }

  const attest = async (container: Container, injected: Promise<void>): Promise<Attestation> => {
    const since = clock.now()
    await injected
    const replacement = await replacements.find(container.id)
    if (!replacement) return { evidence: [madeSo(container, null)], bounds: null }
    attested.set(container.id, replacement.id)
    const [died, gone, started] = await Promise.all([
      engineSaid(world, container, 'die', since),
      stateSaid(world, container, 'gone'),
      replacement.unstarted === undefined ? startedInPlace(world, container, replacement, since) : null,
    ])
    const at = started?.confirms ? started.at : clock.now()
    return {
      evidence: [died, gone, ...(started ? [started] : []), madeSo(container, replacement)],
      bounds: [at - STAMP_SLACK_MS, at + STAMP_SLACK_MS],
    }
  }

  const attestHeld = async (container: Container): Promise<readonly Evidence[]> => {
    const found = await replacements.find(container.id)
    return [
      await stateSaid(world, container, 'gone'),
      madeSo(container, found?.id === attested.get(container.id) ? found : null),
    ]
  }

  const cleared = async (container: Container, healed: Promise<void>): Promise<Attestation> => {
    const since = clock.now()
    await healed
    const gone = nobodyInPlace(world, container, await replacements.find(container.id))
    const started = await engineSaid(world, container, 'start', since)
    const at = started.confirms ? started.at : clock.now()
    return {
      evidence: [gone, started, await stateSaid(world, container, 'running')],
      bounds: [at - STAMP_SLACK_MS, at + STAMP_SLACK_MS],
      ...stillThere([gone]),
    }
  }

  return {
    kind,
    asked,
    longestMs: LONGEST_MS,
    ...acts,
    attest: async (node, injected) =>
      together(await Promise.all(node.containers.map((container) => attest(container, injected)))),
    attestHeld: async (node) => (await Promise.all(node.containers.map(attestHeld))).flat(),
    attestClear: async (node, healed) =>
      together(
        await Promise.all([
          attestStarted(node, healed),
          ...node.containers.map((container) => cleared(container, healed)),
        ]),
      ),
  }
}

const faresAs = ({ isRunning, unstarted }: Replacement): string =>
  unstarted === undefined ? (isRunning ? 'runs' : 'does not run') : `was never started: ${unstarted}`
