// The token of an etcd that asks for a name and a password: got once, kept for some minutes, never renewed before that.

export interface EtcdToken {
  /** The `Authorization` header of the next call: the token alone, without `Bearer`. */
  headers(endpoint: string): Promise<Readonly<Record<string, string>>>
}

interface Kept {
  readonly token: Promise<string>
  readonly until: number
}

const keptMs = 180_000
const keptAtRandomMs = 60_000

/**
 * Asks `POST /v3/auth/authenticate` and keeps the token three to four minutes. Only its age renews it, as in lua-resty-etcd: an
 * etcd that forgets its tokens is not noticed before. A failed attempt is not kept.
 */
export function etcdToken(
  user: { readonly name: string; readonly password: string },
  authenticate: (endpoint: string, body: string) => Promise<string>,
  now: () => number = () => performance.now(),
): EtcdToken {
  let kept: Kept | undefined
  const ask = (endpoint: string): Kept => {
    const token = authenticate(endpoint, JSON.stringify(user)).then(tokenIn)
    token.catch(() => {
      kept = undefined
    })
    return { token, until: now() + keptMs + Math.random() * keptAtRandomMs }
  }
  return {
    async headers(endpoint) {
      if (kept === undefined || now() >= kept.until) kept = ask(endpoint)
      return { Authorization: await kept.token }
    },
  }
}

function tokenIn(text: string): string {
  const { token } = JSON.parse(text) as { readonly token?: string }
  if (token === undefined) throw new Error('authenticate was answered without a token')
  return token
}
