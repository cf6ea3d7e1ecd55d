// Who issues a certificate that DP Manager has to refuse: a program beside it, since an expired one has to be of its own authority.
import { ScenarioError } from '../../time/errors.ts'
import type { Node } from '../../topology/topology.ts'
import type { Runtime } from '../runtime.ts'
import type { Identity, IdentityWorld } from './shown.ts'

const PROGRAM = ['node', 'control-plane/issue-refused.ts'] as const

const identityIn = (text: string): Identity | null => {
  try {
    const { certificate, key } = JSON.parse(text) as Partial<Identity>
    return certificate && key ? { certificate, key } : null
  } catch {
    return null
  }
}

/** Asks the DP Managers of these nodes in turn. Throws ScenarioError where none issues one. */
export const issuedBeside =
  (runtime: Pick<Runtime, 'execute'>, nodes: readonly Node[]): IdentityWorld['issue'] =>
  async ({ state, gatewayGroupId }) => {
    const beside = nodes.flatMap(({ containers }) => containers.filter(({ ports }) => ports['dp-manager-tls']))
    for (const { id } of beside) {
      const { exitCode, output } = await runtime
        .execute(id, [...PROGRAM, state, gatewayGroupId])
        .catch(() => ({ exitCode: null, output: '' }))
      const issued = exitCode === 0 ? identityIn(output) : null
      if (issued) return issued
    }
    throw new ScenarioError(
      `certificate: nobody here issues one that is ${state}: ${beside.length} DP Managers were asked. The stand-in's do, while they run and reach their database.`,
      { code: 'ERR_CERTIFICATE' },
    )
  }
