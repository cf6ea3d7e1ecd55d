// The one door to testcontainers: starts a container of ours on the deployment's network, and holds it.
import type { Duplex } from 'node:stream'
import { GenericContainer, PullPolicy, type StartedTestContainer, Wait } from 'testcontainers'
import { docker, isGone } from '../topology/docker.ts'

// Read when the first container starts: our own labels and leases do the reaper's work, and survive the harness.
process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'

/** What is needed to start one. Nothing is published, and the name is its name on the network. */
export interface HeldPlan {
  readonly image: string
  readonly name: string
  readonly network: string
  readonly labels: Readonly<Record<string, string>>
  /** At most this many CPUs. */
  readonly cpus?: number
  /** Its weight when CPUs are short; other containers have 1024. */
  readonly cpuShares?: number
  /** It may put itself ahead of ordinary programs. */
  readonly mayGoAhead?: boolean
  /** µs of each second, on each processor, that its control group may spend in real time; for kernels that count it by group. */
  readonly realTimeUs?: number
  /** The control group it stands in; by default the engine's own, beside every other container. */
  readonly cgroupParent?: string | undefined
  /** Namespaced kernel settings, as in `net.ipv4.ip_local_port_range`. */
  readonly sysctls?: Readonly<Record<string, string>>
  /** A shell command that succeeds inside once it is ready; without one it is ready when it runs. */
  readonly readyWhen?: string
}

export interface HeldContainer {
  readonly id: string
  /** IPv4 on the network it was started on. */
  readonly address: string
  /** Ends it at once and removes it. Nothing happens when it is gone. */
  remove(): Promise<void>
}

const START_LIMIT_MS = 30_000

/** Starts the container detached. */
export const holdContainer = async (plan: HeldPlan): Promise<HeldContainer> =>
  held(await started(new Prepared(plan), plan), plan)

/** Starts the container and holds its standard streams, attached before its first instruction: when we are gone, its input ends. */
export const holdAttached = async <S extends Duplex>(
  plan: HeldPlan,
  attach: (id: string) => Promise<S>,
): Promise<HeldContainer & { readonly stream: S }> => {
  let stream: S | undefined
  const container = new Prepared(plan, async (id) => {
    stream = await attach(id)
  })
  const running = await started(container, plan)
  if (!stream)
    throw new Error(`${plan.name} started without being attached to: testcontainers did not call containerCreated.`)
  return { ...held(running, plan), stream }
}

/** testcontainers leaves behind what it created and could not start, and its name would be taken. */
const started = async (container: Prepared, plan: HeldPlan): Promise<StartedTestContainer> => {
  try {
    return await prepare(container, plan).start()
  } catch (error) {
    // What will not go is found by its label, by whoever clears the run.
    if (container.id !== null)
      await docker()
        .getContainer(container.id)
        .remove({ force: true, v: true })
        .catch(() => {})
    throw error
  }
}

// testcontainers has no option for standard input, for kernel settings or for no log: they are set where it keeps the engine's own options.
class Prepared extends GenericContainer {
  readonly #created: ((id: string) => Promise<void>) | undefined
  /** null until the engine made it. */
  id: string | null = null

  constructor(plan: HeldPlan, created?: (id: string) => Promise<void>) {
    super(plan.image)
    this.#created = created
    if (plan.cpuShares !== undefined) this.hostConfig.CpuShares = plan.cpuShares
    if (plan.mayGoAhead) this.hostConfig.CapAdd = ['SYS_NICE']
    if (plan.realTimeUs !== undefined) this.hostConfig.CpuRealtimeRuntime = plan.realTimeUs
    if (plan.cgroupParent !== undefined) this.hostConfig.CgroupParent = plan.cgroupParent
    if (plan.sysctls) this.hostConfig.Sysctls = { ...plan.sysctls }
    if (!created) return
    this.createOpts.OpenStdin = true
    this.createOpts.StdinOnce = true
    // Standard output carries rows in binary: the attached stream has it, and the engine's log would only fill the disk.
    this.hostConfig.LogConfig = { Type: 'none', Config: {} }
  }

  protected override containerCreated = async (id: string): Promise<void> => {
    this.id = id
    await this.#created?.(id)
  }
}

const prepare = (container: GenericContainer, plan: HeldPlan): GenericContainer => {
  container
    .withName(plan.name)
    .withNetworkMode(plan.network)
    .withLabels({ ...plan.labels })
    .withPullPolicy(PullPolicy.neverPull())
    .withStartupTimeout(START_LIMIT_MS)
  if (plan.cpus !== undefined) container.withResourcesQuota({ cpu: plan.cpus })
  if (plan.readyWhen !== undefined) container.withWaitStrategy(Wait.forSuccessfulCommand(plan.readyWhen))
  return container
}

const held = (running: StartedTestContainer, { network }: HeldPlan): HeldContainer => ({
  id: running.getId(),
  address: running.getIpAddress(network),
  remove: async () => {
    try {
      await running.stop({ timeout: 0, remove: true, removeVolumes: true })
    } catch (error) {
      // Somebody who cleans was faster.
      if (!isGone(error)) throw error
    }
  },
})
