// Parts of a page that are brought up to date in place: after a change, and some every few seconds.
;((dashboard) => {
  const EVERY_MS = 5000

  const toLogin = () => {
    const here = location.pathname + location.search
    location.assign(`/login?next=${encodeURIComponent(here)}`)
  }

  /** Replaces the live parts by what the server says now. Leaves them as they are when it says nothing. */
  dashboard.refresh = async () => {
    try {
      const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(EVERY_MS) })
      if (answer.redirected) return toLogin()
      if (!answer.ok) return
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const fresh = page.querySelectorAll('[data-live]')
      const here = document.querySelectorAll('[data-live]')
      if (fresh.length !== here.length) return
      for (const [index, part] of here.entries()) part.replaceWith(fresh[index])
      dashboard.forgetDialogs()
    } catch {
      dashboard.checkConnection()
    }
  }

  const keepFresh = async () => {
    await dashboard.refresh()
    setTimeout(keepFresh, EVERY_MS)
  }
  if (document.querySelector('[data-live="always"]')) setTimeout(keepFresh, EVERY_MS)
})(globalThis.dashboard)
