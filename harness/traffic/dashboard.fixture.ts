// A Dashboard's page in a real browser, for a deployment that is one server of a test's own: nobody changes anything.
import { join } from 'node:path'
import type { Recorder } from '../history/recorder.ts'
import { clockSince } from '../time/clock.ts'
import { createDashboard, type DashboardPage, type DashboardWorld } from './dashboard.ts'

/** Signed in at `origin`, or closed again where that came to nothing. Pictures go to `folder`; the trace is written to `aside` in it, until `keep` takes it from there. */
export const signedInAt = async (world: {
  readonly origin: string
  readonly folder: string
  readonly recorder: Recorder
  readonly keep: DashboardWorld['trace']['keep']
  readonly actLimitMs?: number
}): Promise<DashboardPage> => {
  const { origin, folder, recorder, keep, actLimitMs } = world
  const dashboard = createDashboard({
    origin,
    username: 'admin',
    password: 'a-password',
    folder,
    recorder,
    clock: clockSince(),
    change: {} as DashboardWorld['change'],
    routeId: async () => '',
    onSession: async () => {},
    onSecret: () => {},
    ...(actLimitMs !== undefined && { actLimitMs }),
    trace: { folder: join(folder, 'aside'), keep },
  })
  await dashboard.signIn().catch(async (error: Error) => {
    await dashboard.close()
    throw error
  })
  return dashboard
}
