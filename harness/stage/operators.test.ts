import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { bareTopology } from '../bare-topology.fixture.ts'
import type { Options } from '../options.ts'
import { clockSince } from '../time/clock.ts'
import type { Node, Topology } from '../topology/topology.ts'
import { createOperators } from './operators.ts'

/** An Admin API that says yes to everything, on a deployment without gateways. */
const deployment = async () => {
  const server = http.createServer((_, response) =>
    response.end('{"list":[{"id":"1","name":"default"},{"id":"1","name":"orders"}]}'),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const ports = { dashboard: { inside: 7080, published: port } }
  const [container] = [{ id: 'c', name: 'c', service: 'c', address: '10.0.0.1', image: 'i', ports }]
  const balancer: Node = { name: 'balancer', role: 'load-balancer', zone: 'a', containers: [container] }
  const topology: Topology = { ...bareTopology, nodes: [balancer] }
  const operators = createOperators({
    topology,
    options: { username: 'admin', password: 'a-password', run: 'r' } as Options,
    folder: '',
    callers: {} as never,
    rotation: {} as never,
    recorder: { record: () => {}, redactor: { add: () => {} } } as never,
    clock: clockSince(),
  })
  return { operators, close: () => server.close() }
}

test('a second stream of changes is refused, whether the first goes on or was stopped: nobody could tell their writes apart', async () => {
  const { operators, close } = await deployment()
  const begun = await Promise.allSettled([operators.streamChanges(), operators.streamChanges()])
  expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await operators.streams[0]?.stop()
  const refused = { name: 'ScenarioError', code: 'ERR_SECOND_STREAM' }
  await expect(operators.streamChanges()).rejects.toMatchObject(refused)
  expect(operators.streams).toHaveLength(1)
  await operators.streams[0]?.end({ isBrief: true })
  close()
})
