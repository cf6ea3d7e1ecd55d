// What a DP Manager tells gateways while there is no database: whether it counts for their `/status/ready`.
import { afterEach, expect, test } from 'vitest'
import type { Running } from '../program.ts'
import { settingsFrom } from '../settings.ts'
import { startDpManager } from './dp-manager-server.ts'

const running: Running[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()))
})

const versionFrom = async (environment: NodeJS.ProcessEnv): Promise<number> => {
  const nowhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere', LISTEN_HOST: '127.0.0.1', LISTEN_PORT: '0' }
  const manager = await startDpManager(settingsFrom({ ...nowhere, LOG_LEVEL: 'silent', ...environment }, 7900))
  running.push(manager)
  return (await fetch(`${manager.url}/version`)).status
}

test('without a database a DP Manager tells no version, or with READY_SEES_DATABASE=0 the one that it is of', async () => {
  expect([await versionFrom({}), await versionFrom({ READY_SEES_DATABASE: '0' })]).toEqual([503, 200])
})
