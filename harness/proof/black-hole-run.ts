// The same in containers: a server whose packets are dropped in its own namespace, called directly, or as one of two behind the balancer.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressSet } from '../fault/network/address-set.ts'
import { hold } from '../fault/network/hold.ts'
import { PORT, startNode } from '../fault/small-node.fixture.ts'
import { readHistory } from '../history/read.ts'
import { openRecorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { clockSince } from '../time/clock.ts'
import { docker } from '../topology/docker.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { remove } from '../topology/residue.ts'
import { type Callers, startCallers } from '../traffic/callers.ts'
import type { RunRecord } from './accuracy-record.ts'
import { DEADLINE_MS, LANE, seenBy } from './accuracy-run.ts'
import { setApart } from './apart.ts'
import { balancerSettings } from './balancer-settings.ts'
import type { Truth } from './truth.ts'
import { analysedWith } from './truthful-history.ts'
import { until } from './until.ts'

const SUBNET = '10.213.87'
const BALANCER = `${SUBNET}.5`
const ECHO = `${SUBNET}.10`
/** As the balancer's configuration has them. */
const SERVERS = [`${SUBNET}.41`, `${SUBNET}.42`] as const

const IMAGES = {
  balancer: process.env.FIREDRILL_LOAD_BALANCER_IMAGE ?? 'firedrill/load-balancer:local',
  callers: process.env.FIREDRILL_CALLERS_IMAGE ?? 'firedrill/callers:local',
  helper: process.env.FIREDRILL_FAULT_HELPER_IMAGE ?? 'firedrill/fault-helper:local',
} as const

const LEAD_MS = 4000
/** Until the balancer trusts the server again, and a hundred calls are as usual. */
const REST_MS = 2000
const READY_LIMIT_MS = 20_000

/** What is to be dropped while so many calls a second run. */
export interface BlackHolePlan {
  /** alone: nobody else answers. one-of-two: the balancer has another one, so nobody need go without. */
  readonly server: 'alone' | 'one-of-two'
  readonly rate: number
  /** None of them is a healthy soak. */
  readonly lengthsMs: readonly number[]
  readonly tailMs?: number
}

/** Starts the deployment, runs the plan, and removes it. */
export const runBlackHole = async (plan: BlackHolePlan): Promise<RunRecord> => {
  const run = `accuracy-${randomBytes(3).toString('hex')}`
  await takeLease({ run, kind: 'drill', subnet: SUBNET })
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-black-hole-'))
  try {
    return await runOn(plan, { run, folder })
  } finally {
    await remove(run)
    await endLease(run)
    await rm(folder, { recursive: true })
  }
}

const runOn = async (plan: BlackHolePlan, { run, folder }: { run: string; folder: string }): Promise<RunRecord> => {
  const clock = clockSince()
  const server = await startServers(run, plan)
  const recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
  const callers = await startCallers({
    ...{ image: IMAGES.callers, network: run, run, seed: 1, zone: 'outside', name: `${run}-callers` },
    ...{ nodes: ['data-plane-1', 'data-plane-2'], clock, recorder, folder },
  })
  try {
    const url = plan.server === 'alone' ? `http://${SERVERS[0]}:${PORT}/` : `http://${BALANCER}:9080/`
    for (const each of [url, `http://${ECHO}:${PORT}/`]) await answering(callers, each)
    await setAllApart(run)
    await openLanes(callers, url, plan.rate)
    const truths = await droppedOn(server, { run, plan, clock })
    await callers.closeAll()
    recorder.close()
    const seen = seenBy({ ...analysedWith(await readHistory(folder), truths), truths })
    const kind = plan.server === 'alone' ? 'black-hole' : 'one-of-two'
    return { ...seen, by: 'firedrill', kind, rate: plan.rate, counted: null }
  } finally {
    await callers.stop()
  }
}

/** The container that is to be cut off. */
const startServers = async (run: string, plan: BlackHolePlan): Promise<string> => {
  const IPAM = { Config: [{ Subnet: `${SUBNET}.0/24` }] }
  await docker().createNetwork({ Name: run, Labels: { 'firedrill.run': run }, IPAM })
  const [server] = await Promise.all([
    startNode(run, 'data-plane-1', SERVERS[0]),
    startNode(run, 'echo', ECHO),
    ...(plan.server === 'alone' ? [] : [startNode(run, 'data-plane-2', SERVERS[1]), startBalancer(run)]),
  ])
  const id = server?.containers[0]?.id
  if (id === undefined) throw new Error('The server that is to be cut off has no container.')
  return id
}

const startBalancer = async (run: string): Promise<void> => {
  const container = await docker().createContainer({
    name: `${run}-balancer`,
    Image: IMAGES.balancer,
    Labels: { 'firedrill.run': run },
    Env: Object.entries(await balancerSettings(SUBNET, PORT)).map(([name, value]) => `${name}=${value}`),
    HostConfig: { NetworkMode: run },
    NetworkingConfig: { EndpointsConfig: { [run]: { IPAMConfig: { IPv4Address: BALANCER } } } },
  })
  await container.start()
}

const answering = async (callers: Callers, url: string): Promise<void> => {
  const limit = AbortSignal.timeout(READY_LIMIT_MS)
  while (!(await callers.get(url, { timeoutMs: 250 })).ok) limit.throwIfAborted()
}

/** The callers get a core of their own, and so do all the others together. */
const setAllApart = async (run: string): Promise<void> => {
  const containers = await docker().listContainers({ filters: { label: [`firedrill.run=${run}`] } })
  for (const { Id, Names } of containers) {
    const { State } = await docker().getContainer(Id).inspect()
    const isCallers = Names.some((name) => name.endsWith('-callers'))
    await setApart(State.Pid, isCallers ? 'callers' : 'server')
  }
}

const openLanes = async (callers: Callers, url: string, rate: number): Promise<void> => {
  const common = {
    zone: 'outside',
    connections: 'kept-alive',
    rate,
    deadlineMs: DEADLINE_MS,
    expectEcho: true,
  } as const
  await callers.open({ ...common, lane: LANE, purpose: 'callers', url })
  await callers.open({ ...common, lane: 'control', purpose: 'control', url: `http://${ECHO}:${PORT}/` })
}

/** Each time by a helper of its own, which is there before the outage begins; it begins and ends within the helper's answer. */
const droppedOn = async (
  server: string,
  { run, plan, clock }: { run: string; plan: BlackHolePlan; clock: ReturnType<typeof clockSince> },
): Promise<readonly Truth[]> => {
  const truths: Truth[] = []
  await until(clock, clock.now() + LEAD_MS)
  for (const askedMs of plan.lengthsMs) {
    const helper = await hold(server, { run, image: IMAGES.helper })
    // Its start held the machine up.
    await until(clock, clock.now() + REST_MS / 2 + 200 * Math.random())
    const began = clock.now()
    await helper.impose({ name: 'isolate', parameters: { except: addressSet('isolate', []) } })
    const imposed = clock.now()
    await until(clock, began + askedMs)
    const lifting = clock.now()
    await helper.lift()
    truths.push({ kind: 'black-hole', askedMs, from: [began, imposed], to: [lifting, clock.now()] })
    await helper.leave()
    await until(clock, clock.now() + REST_MS)
  }
  await until(clock, clock.now() + (plan.tailMs ?? 0))
  return truths
}
