// How witnesses knock at a DP Manager's door and ask a gateway whether it is ready: by single exchanges from inside the network.
import type { IdentityWorld } from './shown.ts'

const KNOCK_LIMIT_MS = 2000

/** One whole exchange over HTTP or HTTPS; `error` says why there was none. Times in ms since the run began. */
export type Exchange = (
  url: string,
  options: {
    readonly timeoutMs: number
    readonly identity?: { readonly cert: string; readonly key: string }
  },
) => Promise<{
  readonly ok: boolean
  readonly status: number
  readonly from: number
  readonly to: number
  readonly error?: string
}>

/** A door that takes a certificate answers what version it is of. */
export const looksBy = (ask: Exchange): Pick<IdentityWorld, 'knock' | 'statusOf'> => ({
  knock: async ({ address, port }, { certificate: cert, key }) => {
    const url = `https://${address}:${port}/version`
    const { ok, status, error } = await ask(url, { timeoutMs: KNOCK_LIMIT_MS, identity: { cert, key } })
    return { isTaken: ok && status === 200, said: ok ? `status ${status}` : (error ?? 'no answer') }
  },
  statusOf: async (url, timeoutMs) => {
    const { ok, status, from, to } = await ask(url, { timeoutMs })
    return { status: ok ? status : null, from, to }
  },
})
