// The gateway as a process: settings from the environment, signals as nginx takes them, also as process 1 of a container.
import { type Gateway, startGateway } from './gateway.ts'
import { type Log, openLog, reasonOf } from './log.ts'
import { readSettings, type Settings } from './settings.ts'

const settings = readSettings(process.env)
const log = openLog({ nodeName: settings.nodeName, level: process.env.LOG_LEVEL })
await run(settings, log)

async function run(settings: Settings, log: Log): Promise<void> {
  let gateway: Gateway | undefined
  let isDraining = false
  // Process 1 has no default action for signals, so they are taken before anything else, also during the boot.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'cut: connections are closed, answered or not')
      process.exit(0)
    })
  }
  process.on('SIGHUP', async () => {
    log.info('reload: the configuration is read again')
    await gateway?.reload()
  })
  process.on('SIGQUIT', async () => {
    if (isDraining) return
    isDraining = true
    await gateway?.drain()
    process.exit(0)
  })
  try {
    const { endpoints, provider, nodeName, version, readySemantics, timingSet, timings, defects } = settings
    const shown = { endpoints, provider, nodeName, version, readySemantics, timingSet, timings, defects }
    log.info(shown, 'gateway starts')
    gateway = await startGateway(settings, log)
  } catch (error) {
    log.fatal({ reason: reasonOf(error) }, reasonOf(error))
    process.exit(1)
  }
}
