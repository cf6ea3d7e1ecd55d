// The images that a run is made of: those of the containers that ran, by its own record, and not whatever else the engine holds.
import { type Event, type EventOf, eventsOf } from '../history/event.ts'
import type { Provenance } from './summary.ts'

/** A scenario's record, and the deployment that it was played on, as the report calls it. */
export interface PlayedOn {
  readonly where: string
  readonly events: readonly Event[]
}

const BASES = 'firedrill/base-'

/** Older records do not say what ran beside the deployment: callers, the control lane's echo, fault helpers. */
const BESIDE = ['callers', 'upstream', 'fault-helper'].map((name) => `firedrill/${name}:local`)

const UNKNOWN = 'unknown'

/** `held` is what the engine held when the run began, reference → id: our bases, and the ids that older records leave out. */
export const imagesThatRan = (
  played: readonly PlayedOn[],
  held: Provenance['images'],
): Pick<Provenance, 'images' | 'upgrades'> => {
  if (played.length === 0) return { images: held }
  const images: Record<string, string> = Object.fromEntries(
    Object.entries(held).filter(([reference]) => reference.startsWith(BASES)),
  )
  const upgrades = played.flatMap(({ events }) => upgradesOf(events))
  for (const { where, events } of played)
    for (const [reference, id] of ranIn(events, held)) {
      // One name, and on another deployment another image: both are told.
      const isOther = (images[reference] ?? id) !== id && id !== UNKNOWN
      images[isOther ? `${reference} (${where})` : reference] = id === UNKNOWN ? (images[reference] ?? id) : id
    }
  return {
    images: Object.fromEntries(Object.entries(images).sort(([a], [b]) => a.localeCompare(b))),
    ...(upgrades.length > 0 && { upgrades: Object.fromEntries(upgrades) }),
  }
}

/** Names that only images of ours have, whatever their tags: whoever runs the vendor's has them under the vendor's. */
const STAND_IN = /^firedrill\/(control-plane|gateway):/

/** Which of control plane and gateway ran as firedrill's own stand-in: ['control plane', 'gateway']. */
export const standIns = (images: Provenance['images']): readonly string[] => {
  const names = Object.keys(images).flatMap((reference) => STAND_IN.exec(reference)?.[1]?.replace('-', ' ') ?? [])
  return [...new Set(names)].sort()
}

type Ran = readonly [reference: string, id: string]

const ranIn = (events: readonly Event[], held: Provenance['images']): readonly Ran[] =>
  eventsOf(events, 'run').flatMap(({ topology, images, upgradeTo = {} }): readonly Ran[] => [
    ...topology.nodes.flatMap(({ containers }) =>
      containers.map(({ image, imageId }): Ran => [image, imageId ?? held[image] ?? UNKNOWN]),
    ),
    ...Object.entries(images ?? heldOf(BESIDE, held)),
    ...upgradedTo(events).map(({ image }): Ran => [image, upgradeTo[image] ?? held[image] ?? UNKNOWN]),
  ])

const heldOf = (references: readonly string[], held: Provenance['images']): Readonly<Record<string, string>> =>
  Object.fromEntries(references.flatMap((reference) => (held[reference] ? [[reference, held[reference]]] : [])))

/** Whatever became of it, somebody tried to run it. */
const upgradedTo = (
  events: readonly Event[],
): readonly { readonly fault: EventOf<'fault'>; readonly image: string }[] =>
  eventsOf(events, 'fault').flatMap((fault) =>
    fault.fault === 'upgrade' && fault.asked?.image !== undefined ? [{ fault, image: String(fault.asked.image) }] : [],
  )

type Upgrade = readonly [role: string, upgrade: { readonly from: string; readonly to: string }]

const upgradesOf = (events: readonly Event[]): readonly Upgrade[] => {
  const nodes = eventsOf(events, 'run')[0]?.topology.nodes ?? []
  return upgradedTo(events).flatMap(({ fault, image }) =>
    nodes
      .filter(({ name }) => fault.targets.includes(name))
      .map(({ role, containers }): Upgrade => {
        const from = [...new Set(containers.map((container) => container.image))].join(', ')
        return [role, { from, to: image }]
      }),
  )
}
