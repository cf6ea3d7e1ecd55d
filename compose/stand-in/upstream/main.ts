// The upstream as a process: the deployment's own upstream, and the echo of the control lane that passes no gateway.
import { startUpstream } from './upstream.ts'

// Process 1 has no default action for signals; both end it at once, since nobody drills a drain of the upstream.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, () => process.exit(0))

const { ports } = await startUpstream({
  address: process.env.BIND_ADDRESS ?? '0.0.0.0',
  echoPort: Number(process.env.LISTEN_PORT ?? 8080),
  seenPort: Number(process.env.SEEN_PORT ?? 8081),
  rememberedIds: Number(process.env.REMEMBERED_IDS ?? 2_000_000),
})
console.log(JSON.stringify({ msg: 'upstream serves', ports }))
