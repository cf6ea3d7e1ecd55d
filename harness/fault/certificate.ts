// certificate: the node's client certificate is one that DP Manager refuses, and its connections there end. It serves on from
// memory, cannot come back, and hears of no change.
import { FaultError, ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import { FILES, groupOf, type Identity, type IdentityWorld, shownBy } from './identity/shown.ts'
import { attestShown, attestShownStill, readiness, type Told } from './identity/witness.ts'
import { exchange, putBack } from './kept-files.ts'
import type { Kind } from './kind.ts'
import { each } from './resource.ts'
import { together } from './sighting.ts'

export interface CertificateOptions {
  /** expired: of the installation's own authority, and over since an hour. foreign: of an authority that DP Manager does not know. */
  readonly state: 'expired' | 'foreign'
}

const PATHS = [FILES.certificate, FILES.key]

/** Throws ScenarioError on a state that is none. */
export const certificate = (world: IdentityWorld, { state }: CertificateOptions): Kind => {
  if (state !== 'expired' && state !== 'foreign')
    throw new ScenarioError(`certificate: state is '${state}', expected expired or foreign.`, {
      code: 'ERR_FAULT_OPTION',
    })
  const { runtime } = world
  const had = new Map<string, Identity>()
  const given = new Map<string, Identity>()

  const check = async (container: Container): Promise<void> => {
    const refuse = (because: string): ScenarioError =>
      new ScenarioError(`certificate of ${container.name}: ${because}`, { code: 'ERR_CERTIFICATE' })
    const shown = await shownBy(world, container)
    if (!shown || world.doors.length === 0)
      throw refuse(
        `it shows DP Manager none (${FILES.certificate} is not there, or no DP Manager has a port for mTLS). Use a deployment whose gateways list https://…:7943, as \`--stack multi-zone\` does.`,
      )
    const { status } = await readiness(world, container)
    if (status !== 200)
      throw refuse(`/status/ready is ${status ?? 'not answered'} as it is, expected 200. Await that it is ready first.`)
    had.set(container.id, shown)
    given.set(container.id, await world.issue({ state, gatewayGroupId: groupOf(shown) }))
  }

  const execute = async (container: Container, command: readonly string[]): Promise<void> => {
    const { exitCode, output } = await runtime.execute(container.id, command)
    // One that does not run writes its own files again at its next start.
    if (exitCode === 0 || exitCode === null) return
    throw new FaultError(`The certificate of ${container.name} could not be exchanged: ${output.trim()}`, {
      code: 'ERR_CERTIFICATE',
    })
  }

  const sever = async ({ id }: Container): Promise<void> => {
    for (const port of new Set(world.doors.map((door) => door.port))) await world.network.sever(id, port)
  }

  const show = async (container: Container): Promise<void> => {
    const identity = given.get(container.id)
    if (!identity) return
    await execute(container, exchange({ [FILES.certificate]: identity.certificate, [FILES.key]: identity.key }))
    await sever(container)
    // A connection that was begun with what was there a moment before may stand by now.
    await Promise.all(world.doors.map((door) => world.knock(door, identity)))
    await sever(container)
  }

  const told = (container: Container): Told => ({
    world,
    container,
    had: had.get(container.id) ?? null,
    given: given.get(container.id) ?? null,
  })

  return {
    kind: 'certificate',
    asked: { state },
    check: (node) => each(node, check),
    undo: (node) => node.containers.map(({ id }) => ({ act: 'put-back', container: id, paths: PATHS })),
    inject: (node) => each(node, show),
    attest: async (node, injected) =>
      together(
        await Promise.all(node.containers.map((container) => attestShown(told(container), 'refused', injected))),
      ),
    attestHeld: async (node) =>
      (await Promise.all(node.containers.map((container) => attestShownStill(told(container))))).flat(),
    heal: (node) => each(node, (container) => execute(container, putBack(PATHS))),
    attestClear: async (node, healed) =>
      together(await Promise.all(node.containers.map((container) => attestShown(told(container), 'taken', healed)))),
  }
}
