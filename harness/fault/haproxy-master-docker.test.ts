// Real balancers, their master as process 1 and under the engine's init: reloaded, stopped and crashed.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { processOf } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import { crash } from './crash.ts'
import type { Kind } from './kind.ts'
import { injected, said } from './one-target.fixture.ts'
import { reload } from './reload.ts'
import { noOp } from './sabotage.ts'
import { stop } from './stop.ts'
import { startTargets } from './targets.fixture.ts'

const CONFIGURATION = `
global
  log stdout format raw local0 info
  stats socket ipv4@*:9999 level admin
  hard-stop-after 2s
  maxconn 100
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend callers
  bind *:9080
  http-request return status 200
`
const FILE = '/tmp/balancer.cfg'
const PROGRAM = {
  image: process.env.FIREDRILL_LOAD_BALANCER_IMAGE ?? 'firedrill/load-balancer:local',
  container: {
    Entrypoint: ['sh', '-c', `printf '%s' "$CONFIGURATION" >${FILE} && exec firedrill-haproxy`],
    Env: [`CONFIGURATION=${CONFIGURATION}`, `HAPROXY_CONFIG=${FILE}`],
  },
  port: 9080,
  published: { balancer: 9999 },
}

let targets: Awaited<ReturnType<typeof startTargets<'alone' | 'withInit'>>>
beforeAll(async () => {
  targets = await startTargets({ alone: {}, withInit: { Init: true } }, PROGRAM)
})
afterAll(() => targets?.end())

const reloading = () =>
  reload({
    ...targets.world,
    attestLimitMs: 2000,
    answering: async ({ name, ports }) => processOf({ name, port: ports.balancer?.published ?? 0 }),
  })
/** From the check to what was attested. */
const attested = async (kind: Kind, node: Node) => {
  await kind.check?.(node)
  return injected(kind, node)
}
const nodes = ['alone', 'withInit'] as const
const run = (node: Node, script: string) =>
  targets.world.runtime.execute(node.containers[0]?.id ?? '', ['sh', '-c', script])
/** Sockets that listen, by what the kernel knows them by: a port that was closed and opened anew has another one. */
const listening = async (node: Node): Promise<string> =>
  (
    await run(
      node,
      'while read -r _ _ _ state _ _ _ _ _ inode _; do [ "$state" = 0A ] && echo "$inode"; done </proc/net/tcp',
    )
  ).output

test.each(nodes)('%s: a reload is attested, held and clear, again and again, and closes no listener', async (name) => {
  const node = targets.nodes[name]
  const before = await listening(node)
  for (let i = 0; i < 3; i += 1) {
    const fault = await targets.faults.inject(reloading(), [node])
    await fault.heal()
    expect((['in-effect', 'heal', 'clear'] as const).flatMap(targets.doubts)).toEqual([])
    expect(targets.said('in-effect')).toMatch(
      /worker \d+ answers for .*; .* has worker \d+ anew; of before .*; 'kill' of .* signal 12/,
    )
  }
  expect(before).not.toBe('')
  expect(await listening(node)).toBe(before)
  expect(targets.intended).toEqual([])
})

test.each(nodes)('%s: a reload is attested by nobody where nothing was done', async (name) => {
  expect(said(await attested(noOp(reloading()), targets.nodes[name]), true)).toEqual([])
})

test.each(nodes)(
  '%s: a reload of a configuration that is wrong is contradicted, and the balancer goes on',
  async (name) => {
    const node = targets.nodes[name]
    await run(node, `echo nonsense >>${FILE}`)
    expect(said(await attested(reloading(), node), false)).toEqual([
      expect.stringMatching(/^worker \d+ answers for/),
      expect.stringMatching(/has no worker anew; of before it has worker \d+ still$/),
    ])
    await run(node, `grep -v nonsense ${FILE} >${FILE}.before; cat ${FILE}.before >${FILE}`)
    expect(said(await attested(reloading(), node), false)).toEqual([])
  },
)

test.each(nodes)('%s: a graceful stop after it is one', async (name) => {
  const fault = await targets.faults.inject(stop(targets.world), [targets.nodes[name]])
  expect(targets.doubts('in-effect')).toEqual([])
  expect(targets.said('in-effect')).toMatch(/exit code 0/)
  await fault.heal()
  expect(targets.doubts('clear')).toEqual([])
})

test.each(nodes)('%s: a crash is that of whoever has the connections', async (name) => {
  const fault = await targets.faults.inject(crash(targets.world), [targets.nodes[name]])
  expect(targets.doubts('in-effect')).toEqual([])
  expect(targets.said('in-effect')).toMatch(/nobody had asked the engine for it/)
  await fault.heal()
  expect((['heal', 'clear'] as const).flatMap(targets.doubts)).toEqual([])
})
