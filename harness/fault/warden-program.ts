// The warden's own program: warden-program.ts <run>. Whatever it cannot clear is left for the next command, which says so.
import { watchOver } from './warden.ts'

const [run] = process.argv.slice(2)
if (run) await watchOver(run).catch(() => {})
// An answer that never came from the engine would keep it here.
process.exit()
