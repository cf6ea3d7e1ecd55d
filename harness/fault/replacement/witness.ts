// Who says that another container stands in the place of one: the engine, a probe at its address, and the network's name server.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../../history/event.ts'
import { replacementAddress } from '../../topology/replacement.ts'
import type { Container } from '../../topology/topology.ts'
import { watchListener } from '../listener.ts'
import { engineSaid, type ProcessWorld } from '../process.ts'
import { ATTEST_LIMIT_MS, type Sighting, TRY_MS } from '../sighting.ts'
import type { Replacement } from './docker.ts'

/** A program that has to load its configuration listens when it has. */
const LISTENS_WITHIN_MS = 30_000
const NEXT_TRY_MS = 20

/** The container as it is while it is replaced: of the same name, at the other address. */
export const there = (container: Container): Container => ({
  ...container,
  address: replacementAddress(container.address),
})

type Said = Pick<Evidence, 'source' | 'said' | 'confirms'>

const evidence = ({ clock }: ProcessWorld, { name }: Container, said: Said, at = clock.now()): Evidence => ({
  ...said,
  at,
  container: name,
})

const short = ({ id }: Replacement): string => id.slice(0, 12)

const listed = ({ addresses }: Replacement): string =>
  Object.entries(addresses)
    .map(([network, address]) => `${address || 'no address'} on ${network}`)
    .join(' and ')

/** It runs, at the other address, and on no other network. */
export const inPlace = (world: ProcessWorld, container: Container, found: Replacement | null): Evidence => {
  const source = 'container state'
  if (!found) return evidence(world, container, { source, said: `nobody replaces ${container.name}`, confirms: false })
  const [address, ...more] = Object.values(found.addresses)
  const isThere = more.length === 0 && address === replacementAddress(container.address)
  const said = `${container.name} is replaced by ${short(found)}, which ${found.isRunning ? 'runs' : 'does not run'} at ${listed(found)}, and not at ${container.address}`
  return evidence(world, container, { source, said, confirms: found.isRunning && isThere })
}

/** The engine's word that it was started meanwhile. */
export const startedInPlace = async (
  world: ProcessWorld,
  container: Container,
  replacement: Replacement,
  since: number,
): Promise<Evidence> => {
  const started = await engineSaid(world, { ...container, id: replacement.id }, 'start', since)
  return { ...started, said: `${started.said}, which is its replacement ${short(replacement)}` }
}

/** The engine saw it end at no time since. */
export const aliveSince = async (
  world: ProcessWorld,
  container: Container,
  replacement: Replacement,
  since: number,
): Promise<Evidence> => {
  const died = await world.engine.saw(replacement.id, 'die', since, 0)
  const said = `the replacement of ${container.name} ${died ? 'ended before anybody healed it' : 'did not end'}`
  return evidence(world, container, { source: 'engine event', said, confirms: died === null }, died?.at)
}

/** The container, or who is there in its place, takes connections. Without bounds where it does not within its time. */
export const listens = async (
  world: ProcessWorld,
  container: Container,
): Promise<{ readonly evidence: Evidence; readonly bounds: Sighting['bounds'] | null }> => {
  const { name, address } = container
  const limitMs = world.attestLimitMs ?? LISTENS_WITHIN_MS
  const heard = await watchListener(world.probe, container, 'listening', AbortSignal.timeout(limitMs))
  if (heard) return { ...heard, evidence: { ...heard.evidence, said: `${heard.evidence.said}, at ${address}` } }
  const said = `nobody took a connection for ${name} at ${address} within ${limitMs / 1000} s`
  return { evidence: evidence(world, container, { source: 'probe from inside', said, confirms: false }), bounds: null }
}

/**
 * The name server of the network says that the name is this address, and not that of the other of the two, who replaces it or is replaced; it may
 * learn of it a little late. Others may share the name.
 */
export const leadsTo = async (
  world: ProcessWorld,
  { name, address, ...rest }: Container,
  asked: string,
): Promise<Evidence> => {
  const limit = AbortSignal.timeout(world.attestLimitMs ?? ATTEST_LIMIT_MS)
  for (;;) {
    const { addresses, to } = await world.resolve(asked, TRY_MS)
    const isSo = addresses.includes(address) && !addresses.includes(replacementAddress(address))
    if (!isSo && !limit.aborted) {
      await pause(NEXT_TRY_MS)
      continue
    }
    const said = `${asked} leads to ${addresses.join(' and ') || 'nobody'}, asked from a container on the same network`
    return evidence(world, { name, address, ...rest }, { source: 'name server', said, confirms: isSo }, to)
  }
}

/** Whoever was put there is gone. */
export const nobodyInPlace = (world: ProcessWorld, container: Container, found: Replacement | null): Evidence =>
  evidence(world, container, {
    source: 'container state',
    said: found ? `${short(found)} replaces ${container.name} still` : `nobody replaces ${container.name}`,
    confirms: found === null,
  })
