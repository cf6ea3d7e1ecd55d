// The DP Manager program: what gateways read their configuration from, on 7900 and, with a certificate, on 7943.
import { startDpManager } from './dp-manager/dp-manager-server.ts'
import { runUntilToldToStop } from './program.ts'
import { settingsFrom } from './settings.ts'

await runUntilToldToStop(() => startDpManager(settingsFrom(process.env, 7900)))
