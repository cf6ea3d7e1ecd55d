// npm run bench: the gateway against HAProxy, one core each, in front of the same upstream, in turns; and 10,000 routes.
import type { ChildProcess } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { fakeDpManager } from '../gateway/fake-dp-manager.fixture.ts'
import { atRate, type RateResult } from './open-loop.ts'
import { outputOf, processorSeconds, startProgram } from './processes.ts'
import { measureRoutes } from './routes.ts'

const rounds = 3
const secondsEach = 4
const demandedPerSecond = 2_500
const demandedP99Ms = 10
const ports = { upstream: 18_390, haproxy: 18_391, gateway: 18_392 }
/** What is measured has a core to itself; upstream and callers share the other. */
const processors = { measured: 0, others: 1 }

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const haproxy = '/usr/sbin/haproxy'
const children: ChildProcess[] = []
const dpManager = await fakeDpManager()
print(
  'load of this machine before',
  (loadavg()[0] ?? 0).toFixed(1),
  'above 1 the times below are not the gateway’s alone',
)
try {
  const { gateway, balancer } = await startAll()
  const measured = { gateway: [] as Throughput[], balancer: [] as Throughput[] }
  for (let round = 1; round <= rounds; round += 1) {
    measured.gateway.push(await fastest(gateway, ports.gateway))
    measured.balancer.push(await fastest(balancer, ports.haproxy))
  }
  const ours = medianOf(measured.gateway)
  const theirs = medianOf(measured.balancer)
  const ratio = (ours.perProcessorSecond / theirs.perProcessorSecond).toFixed(2)
  print('gateway, as fast as it gets', sentence(ours), `demanded ${demandedPerSecond}`)
  print('HAProxy, as fast as it gets', sentence(theirs), `gateway / HAProxy ${ratio} for a second of processor`)
  const latencies = { gateway: [] as RateResult[], balancer: [] as RateResult[] }
  for (let round = 1; round <= rounds; round += 1) {
    latencies.gateway.push(await atHalf(ports.gateway))
    latencies.balancer.push(await atHalf(ports.haproxy))
  }
  printLatency('gateway', latencies.gateway)
  printLatency('HAProxy', latencies.balancer)
} finally {
  for (const child of children) child.kill('SIGKILL')
  await dpManager.stop()
}
for (const { what, tookMs, processorMs, demandedMs } of await measureRoutes(10_000)) {
  print(what, `${tookMs.toFixed(1)} ms, ${processorMs.toFixed(1)} ms of processor`, `demanded ${demandedMs} ms`)
}

interface Started {
  readonly gateway: ChildProcess
  readonly balancer: ChildProcess
}

async function startAll(): Promise<Started> {
  const upstream = { type: 'roundrobin', nodes: { [`127.0.0.1:${ports.upstream}`]: 1 } }
  dpManager.store.put('/apisix/routes/orders', { uri: '/orders/*', upstream })
  const environment = { BENCH_UPSTREAM_PORT: String(ports.upstream), BENCH_PROXY_PORT: String(ports.haproxy) }
  const start = async (program: Parameters<typeof startProgram>[0]): Promise<ChildProcess> => {
    const child = await startProgram(program)
    children.push(child)
    return child
  }
  const haproxyWith = (file: string) => ({ command: [haproxy, '-db', '-f', here(file)], environment })
  await start({ ...haproxyWith('haproxy-upstream.cfg'), processor: processors.others, port: ports.upstream })
  const measured = { processor: processors.measured }
  const balancer = await start({ ...haproxyWith('haproxy-proxy.cfg'), ...measured, port: ports.haproxy })
  const command = [process.execPath, here('../gateway/main.ts')]
  const gateway = await start({ command, environment: forGateway(), ...measured, port: ports.gateway })
  return { gateway, balancer }
}

function forGateway(): Readonly<Record<string, string>> {
  return {
    API7_DP_MANAGER_ENDPOINTS: JSON.stringify([dpManager.url]),
    HEARTBEAT_INTERVAL_MS: '0',
    BIND_ADDRESS: '127.0.0.1',
    TRAFFIC_PORT: String(ports.gateway),
    TLS_PORT: '0',
    METRICS_PORT: '0',
    STATUS_PORT: '0',
    CONTROL_PORT: '0',
  }
}

interface Throughput {
  readonly perSecond: number
  /** On a machine that others use too, this is the steadier figure. */
  readonly perProcessorSecond: number
}

/** Calls that one port answers to 32 connections that never wait. */
async function fastest(program: ChildProcess, port: number): Promise<Throughput> {
  const url = `http://127.0.0.1:${port}/orders/1`
  const usedBefore = processorSeconds(program)
  const text = await outputOf(['wrk', '-t1', '-c32', `-d${secondsEach}`, url], processors.others)
  const used = processorSeconds(program) - usedBefore
  const [calls, perSecond] = [/(\d+) requests in/, /Requests\/sec:\s+([\d.]+)/].map((sought) =>
    Number(sought.exec(text)?.[1]),
  )
  if (calls === undefined || perSecond === undefined || Number.isNaN(calls + perSecond) || /Non-2xx/.test(text)) {
    throw new Error(`wrk against ${url} said: ${text}`)
  }
  return { perSecond, perProcessorSecond: calls / used }
}

function sentence({ perSecond, perProcessorSecond }: Throughput): string {
  return `${perSecond.toFixed(0)} calls/s, ${perProcessorSecond.toFixed(0)} a second of processor`
}

function medianNumber(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function medianOf(all: readonly Throughput[]): Throughput {
  return {
    perSecond: medianNumber(all.map(({ perSecond }) => perSecond)),
    perProcessorSecond: medianNumber(all.map(({ perProcessorSecond }) => perProcessorSecond)),
  }
}

/** Calls at half of the demanded rate. In turns, so that neither of the two always has the callers' cold first seconds. */
function atHalf(port: number): Promise<RateResult> {
  return atRate({ url: `http://127.0.0.1:${port}/orders/1`, perSecond: demandedPerSecond / 2, seconds: secondsEach })
}

function printLatency(name: string, all: readonly RateResult[]): void {
  const failed = all.reduce((sum, each) => sum + each.failed, 0)
  const rounded = all.map(({ p99Ms }) => p99Ms.toFixed(1)).join(', ')
  const [p50Ms, p99Ms] = [all.map((each) => each.p50Ms), all.map((each) => each.p99Ms)].map(medianNumber)
  const measured = `p50 ${p50Ms?.toFixed(2)} ms, p99 ${p99Ms?.toFixed(2)} ms (${rounded}), ${failed} failed`
  print(`${name} at ${demandedPerSecond / 2} calls/s`, measured, `demanded p99 ${demandedP99Ms} ms`)
}

function print(...columns: readonly [string, string, string]): void {
  const [what, measured, demanded] = columns
  console.log(`${what.padEnd(34)}${measured.padEnd(58)}${demanded}`)
}
