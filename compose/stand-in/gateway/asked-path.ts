// What a request line asks for: the path to send on as it came, and the path that routes are matched against.

/** A request line may carry a whole URL (RFC 9112 §3.2.2); the upstream gets the path. */
export function originForm(url: string): string {
  if (url.startsWith('/')) return url
  const { pathname, search } = URL.canParse(url) ? new URL(url) : { pathname: '/', search: '' }
  return pathname + search
}

/**
 * The path as nginx's `$uri` has it: without query, decoded, slashes merged, dot segments resolved, so that no spelling of a path
 * gets around a route. Undefined when it leads above the root or cannot be decoded; nginx answers 400 to both.
 */
export function matchedPath(url: string): string | undefined {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  if (!path.includes('%') && !path.includes('//') && !path.includes('/.')) return path
  const decoded = decode(path)
  return decoded === undefined ? undefined : resolveDots(decoded.replace(/\/{2,}/g, '/'))
}

function decode(path: string): string | undefined {
  if (/%(?![0-9a-f]{2})|%00/i.test(path)) return undefined
  try {
    return decodeURIComponent(path)
  } catch {
    // Not UTF-8: nginx matches bytes, and a route's own text is never that.
    return path
  }
}

function resolveDots(path: string): string | undefined {
  if (!path.includes('/.')) return path
  const resolved: string[] = []
  const segments = path.split('/').slice(1)
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    if (segment === '..' && resolved.pop() === undefined) return undefined
    if (segment !== '.' && segment !== '..') resolved.push(segment)
    else if (isLast) resolved.push('')
  }
  return `/${resolved.join('/')}`
}
