// Who changes the configuration: an operator through the Admin API and in the browser, and the streams of changes that go on beside them.
import { join } from 'node:path'
import type { Recorder } from '../history/recorder.ts'
import { type Options, ROOT } from '../options.ts'
import { redactTrace } from '../report/trace.ts'
import type { Clock } from '../time/clock.ts'
import { ScenarioError } from '../time/errors.ts'
import { leaseFile } from '../topology/lease.ts'
import { nodesOf, type Topology } from '../topology/topology.ts'
import { type AdminAnswer, adminApi } from '../traffic/admin-api.ts'
import type { Callers } from '../traffic/callers.ts'
import { type ChangeStream, startChangeStream } from '../traffic/change-stream.ts'
import { createDashboard } from '../traffic/dashboard.ts'
import { instancesPath } from '../traffic/instances.ts'
import { createOperator } from '../traffic/operator.ts'
import { publishedBy } from '../traffic/published.ts'
import type { RotationWatch } from '../traffic/rotation.ts'
import { dashboardOrigin } from './deployment.ts'
import { dashboardLanes } from './lanes.ts'

/** Nobody has signed in yet. `folder` takes the trace of the browser. */
export const createOperators = ({
  topology,
  options,
  folder,
  callers,
  rotation,
  recorder,
  clock,
}: {
  readonly topology: Topology
  readonly options: Options
  readonly folder: string
  readonly callers: Callers
  readonly rotation: RotationWatch
  readonly recorder: Recorder
  readonly clock: Clock
}) => {
  const { redactor } = recorder
  const changes = { callers, recorder, clock, isIn: rotation.isIn }
  const credentials = {
    origin: dashboardOrigin(topology),
    username: options.username,
    password: options.password,
    // A balancer's sticky cookie holds a node's name: a word that the whole report is made of, and no secret.
    onSecret: (secret: string): void => {
      if (!topology.nodes.some((node) => node.name === secret)) redactor.add(secret)
    },
  }
  const api = adminApi(credentials)
  const published = publishedBy(api)
  const operator = createOperator(published, changes)
  let isApiOpen = false
  const signedInApi = async (): Promise<void> => {
    if (!isApiOpen) await api.signIn()
    isApiOpen = true
  }
  const dashboard = createDashboard({
    ...credentials,
    folder,
    recorder,
    clock,
    change: changes,
    trace: {
      folder: leaseFile(options.run, 'trace'),
      // It holds the stacks of its calls, with this machine's paths.
      keep: (raw) => redactTrace(raw, join(folder, 'trace.zip'), (text) => redactor.text(text).replaceAll(ROOT, '.')),
    },
    routeId: async (route) => {
      await signedInApi()
      return operator.routeId(route)
    },
    onSession: async (cookie) => {
      await signedInApi()
      const session = { cookie, group: await published.group() }
      for (const plan of dashboardLanes(topology, options, session)) await callers.open(plan)
    },
  })
  const streams: ChangeStream[] = []
  return {
    operator,
    dashboard,
    /** Signs the operator in where that has not been done. */
    signedInApi,
    /** The control plane's list of the gateways in callers' group; null before the operator has signed in. */
    instances: async (): Promise<AdminAnswer | null> =>
      isApiOpen ? api.call('GET', instancesPath(await published.group())) : null,
    /** The one that was begun, whether it was told to stop or not. */
    streams: streams as readonly ChangeStream[],
    /** Throws ScenarioError ERR_SECOND_STREAM where one was begun: each counts its writes from one, and what the store has is asked for all at once. */
    streamChanges: async (): Promise<ChangeStream> => {
      await signedInApi()
      const write = await operator.writer()
      if (streams.length > 0)
        throw new ScenarioError(
          'Refused to keep changing routes a second time: a drill has one stream of changes, and the writes of two could not be told apart. Begin it once, and stop it when nothing more is to be changed.',
          { code: 'ERR_SECOND_STREAM' },
        )
      const gateways = nodesOf(topology, 'data-plane')
      const stream = startChangeStream({ write, read: operator.descriptions, callers, gateways, recorder, clock })
      streams.push(stream)
      return stream
    },
  }
}
