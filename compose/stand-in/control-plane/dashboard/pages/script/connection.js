// Says when the server or its database is gone, holds what was clicked until it is back, and loses nothing typed.
;((dashboard) => {
  const POLL_MS = 2000
  const SERVER_GONE = 'The Dashboard cannot reach its server. It tries again by itself; what you typed is kept.'
  const DATABASE_GONE =
    'The database is not available: nothing can be changed until it is back. What you typed is kept.'
  let problem = ''
  let wanted = ''
  let timer

  /** '' when all is well. A health answer of the Dashboard itself means that only its database is gone. */
  const problemNow = async () => {
    try {
      const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(POLL_MS) })
      if (answer.ok) return ''
      return (await answer.json()).status === 'error' ? DATABASE_GONE : SERVER_GONE
    } catch {
      return SERVER_GONE
    }
  }

  const showBanner = () => {
    const place = document.getElementById('banner')
    if (!problem || dashboard.isSilent) return place.replaceChildren()
    const banner = document.createElement('div')
    banner.className = 'banner'
    banner.setAttribute('role', 'alert')
    banner.textContent = wanted ? `${problem} The page you asked for opens then.` : problem
    place.replaceChildren(banner)
  }

  const check = async () => {
    clearTimeout(timer)
    const before = problem
    problem = await problemNow()
    if (problem !== before) showBanner()
    if (problem === '' && wanted) return location.assign(wanted)
    if (problem === '' && document.querySelector('[data-reload-when-well]')) return location.reload()
    if (problem === '' && before) dashboard.toast('Connected again')
    clearTimeout(timer)
    timer = setTimeout(check, POLL_MS)
  }
  timer = setTimeout(check, POLL_MS)

  // A link followed now would end on the browser's own error page, from which nothing recovers by itself.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]')
    if (!problem || !link || link.target || link.origin !== location.origin || link.hash) return
    event.preventDefault()
    wanted = link.href
    showBanner()
  })

  /** Looks at once, as when a call has just failed. */
  dashboard.checkConnection = check
})(globalThis.dashboard)
