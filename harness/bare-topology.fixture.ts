// Two control-plane nodes and two gateways that are nothing but names: for scripts and plans, which ask no more of them.
import type { Node, Topology } from './topology/topology.ts'

const node = (role: 'control-plane' | 'data-plane', i: number): Node => ({
  name: `${role}-${i}`,
  role,
  zone: 'a',
  containers: [],
})

export const bareTopology: Topology = {
  stack: 's',
  project: 'p',
  network: 'n',
  subnet: '10.0.0',
  nodes: [node('control-plane', 1), node('control-plane', 2), node('data-plane', 1), node('data-plane', 2)],
}
