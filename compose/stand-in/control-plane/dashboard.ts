// The Dashboard program: the web pages and the Admin API, on 7080.
import { startDashboard } from './dashboard/dashboard-server.ts'
import { runUntilToldToStop } from './program.ts'
import { settingsFrom } from './settings.ts'

await runUntilToldToStop(() => startDashboard(settingsFrom(process.env, 7080)))
