import { expect, test } from 'vitest'
import type { Node } from '../../topology/topology.ts'
import type { Executed } from '../runtime.ts'
import { issuedBeside } from './issue.ts'

const node = (name: string, port: string): Node => ({
  name,
  role: 'control-plane',
  zone: 'a',
  containers: [{ id: name, name, service: name, address: name, image: 'i', ports: { [port]: { inside: 7943 } } }],
})
const NODES = [
  node('dashboard', 'dashboard'),
  node('dp-manager-1', 'dp-manager-tls'),
  node('dp-manager-2', 'dp-manager-tls'),
]
const ASKED = { state: 'expired', gatewayGroupId: 'blue' }

/** Containers that say this; it keeps who was asked, and for what. */
const saying = (answers: Readonly<Record<string, Executed>>) => {
  const asked: string[] = []
  const execute = async (container: string, command: readonly string[]): Promise<Executed> => {
    asked.push(`${container}: ${command.join(' ')}`)
    return answers[container] ?? { exitCode: null, output: 'it does not run' }
  }
  return { asked, issue: issuedBeside({ execute }, NODES) }
}

test('the next DP Manager is asked where one does not run, and no Dashboard', async () => {
  const issued = { certificate: 'c', key: 'k' }
  const { asked, issue } = saying({ 'dp-manager-2': { exitCode: 0, output: JSON.stringify(issued) } })
  expect(await issue(ASKED)).toEqual(issued)
  expect(asked).toEqual([
    'dp-manager-1: node control-plane/issue-refused.ts expired blue',
    'dp-manager-2: node control-plane/issue-refused.ts expired blue',
  ])
})

test('where none issues one that is refused, with who could', async () => {
  const noProgram = { exitCode: 1, output: 'Cannot find module' }
  const { issue } = saying({ 'dp-manager-1': noProgram, 'dp-manager-2': { exitCode: 0, output: 'no JSON' } })
  await expect(issue(ASKED)).rejects.toThrow(/nobody here issues one that is expired: 2 DP Managers.*ERR_CERTIFICATE/)
})
