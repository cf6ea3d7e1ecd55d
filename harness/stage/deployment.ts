// Brings a deployment up to the point where it serves what callers ask for.
import { setTimeout as pause } from 'node:timers/promises'
import { forgetFaults } from '../fault/fault-log.ts'
import type { Options } from '../options.ts'
import { EnvironmentError } from '../time/errors.ts'
import { attach } from '../topology/attach.ts'
import { cgroupParent } from '../topology/cgroup.ts'
import { refuseClashes } from '../topology/clash.ts'
import { composeUp, filesOf, portsOf } from '../topology/compose.ts'
import { withEngineUnstuck } from '../topology/engine-restart.ts'
import { imagesByRole, imageVariables } from '../topology/images-by-role.ts'
import { leaseOf } from '../topology/lease.ts'
import { lifeBy, ownersOf, tellOwner } from '../topology/owner.ts'
import { remove } from '../topology/residue.ts'
import { nodesOf, portOf, type Topology } from '../topology/topology.ts'
import { controlPlaneVariables } from '../topology/zones.ts'
import { type AdminApi, adminApi } from '../traffic/admin-api.ts'
import { provision } from '../traffic/provision.ts'
import { publishedBy } from '../traffic/published.ts'

const READY_LIMIT_MS = 60_000

/** Where this machine reaches the Dashboard and its Admin API: the port published by the balancer in front of them. */
export const dashboardOrigin = (topology: Topology): string => {
  for (const node of nodesOf(topology, 'load-balancer', 'control-plane')) {
    const published = portOf(node, 'dashboard')?.port.published
    if (published !== undefined) return `http://127.0.0.1:${published}`
  }
  throw new EnvironmentError('No container publishes a port labelled firedrill.port.dashboard on 127.0.0.1.', {
    code: 'ERR_NO_DASHBOARD',
  })
}

/** Tries until the Admin API lets us in. Throws EnvironmentError with its last word when `READY_LIMIT_MS` passes. */
const signedIn = async (api: AdminApi): Promise<void> => {
  const until = Date.now() + READY_LIMIT_MS
  for (;;) {
    const because = await api.signIn().then(
      () => null,
      (error: Error) => error.message,
    )
    if (because === null) return
    if (Date.now() > until)
      throw new EnvironmentError(`The deployment did not become usable within ${READY_LIMIT_MS / 1000} s: ${because}`, {
        code: 'ERR_NOT_READY',
      })
    await pause(100)
  }
}

/** Makes what callers need, through the Admin API, as an operator would. */
const provisionFor = async (topology: Topology, options: Options): Promise<void> => {
  const api = adminApi({
    origin: dashboardOrigin(topology),
    username: options.username,
    password: options.password,
    // Nothing of this session is recorded: no file could show its cookie.
    onSecret: () => {},
  })
  const [upstream] = nodesOf(topology, 'upstream')
  const port = upstream && portOf(upstream, 'http')
  if (!port)
    throw new EnvironmentError(
      'No node has role upstream and a port labelled http: callers would have nothing to call.',
      { code: 'ERR_NO_UPSTREAM' },
    )
  await signedIn(api)
  await provision(publishedBy(api), { host: port.container.address, port: port.port.inside })
}

/** By hand every run has the same name, and no lease: whether somebody plays it already the engine was told. Throws EnvironmentError ERR_SECOND_RUN. */
const refuseSecond = async (run: string): Promise<void> => {
  if ((await leaseOf(run)) !== null) return
  const owners = (await ownersOf()).get(run) ?? []
  const other = owners.find((owner) => owner.pid !== process.pid && lifeBy([owner]) === 'alive')
  if (other)
    throw new EnvironmentError(
      `Run ${run} is played by process ${other.pid} of ${other.user} already, and would be removed: wait for it, or give this one a name of its own by FIREDRILL_RUN.`,
      { code: 'ERR_SECOND_RUN' },
    )
}

/**
 * Removes what an earlier worker of this run left, brings the deployment up and provisions it.
 * Throws EnvironmentError when something is in the way or it does not become usable; nothing of ours is left then, but for what
 * would not go.
 */
export const bringUp = async (options: Options): Promise<Topology> => {
  const { run, stack, subnet, defect, keep } = options
  await refuseSecond(run)
  await withEngineUnstuck(run, () => remove(run))
  forgetFaults(run)
  const files = await filesOf(options)
  await refuseClashes({ run, subnet, ports: await portsOf(files, process.env) })
  try {
    // Before anything of it is there to be seen: whoever shares the engine looks for whose it is.
    await tellOwner(run, { stays: keep })
    const variables = {
      FIREDRILL_ADMIN_PASSWORD: options.password,
      FIREDRILL_CGROUP_PARENT: (await cgroupParent()) ?? '',
      ...controlPlaneVariables(process.env.CONTROL_PLANE_ZONES),
      ...imageVariables(imagesByRole('FIREDRILL_UPGRADE_FROM', process.env.FIREDRILL_UPGRADE_FROM)),
    }
    await composeUp(options.compose, { ...options, variables })
    const topology = await attach({ run, stack, subnet, ...(defect !== undefined && { defect }) })
    await provisionFor(topology, options)
    return topology
  } catch (error) {
    // What would not go is told by whoever removes the run in the end, and why it did not come up by nobody else.
    await remove(run).catch(() => {})
    throw error
  }
}
