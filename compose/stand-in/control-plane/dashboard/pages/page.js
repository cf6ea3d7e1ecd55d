// What a page of the Dashboard does by itself: edit a route, say when the server is gone, keep tables fresh.
;(() => {
  const POLL_MS = 2000
  const REFRESH_MS = 5000
  const TOAST_MS = 6000
  const byId = (id) => document.getElementById(id)

  const toLogin = () => {
    const here = location.pathname + location.search
    location.assign(`/login?next=${encodeURIComponent(here)}`)
  }

  // --- a toast that screen readers speak ---
  let toastTimer
  const toast = (text) => {
    const place = byId('toast')
    place.textContent = text
    place.classList.add('shown')
    clearTimeout(toastTimer)
    toastTimer = setTimeout(() => {
      place.classList.remove('shown')
      place.textContent = ''
    }, TOAST_MS)
  }

  // --- the banner that says the server, or its database, is gone ---
  const showBanner = (isShown) => {
    const place = byId('banner')
    if (isShown === place.hasChildNodes()) return
    if (!isShown) return place.replaceChildren()
    const banner = document.createElement('div')
    banner.className = 'banner'
    banner.setAttribute('role', 'alert')
    banner.textContent = 'The Dashboard cannot reach its server'
    place.append(banner)
  }

  const isWell = async () => {
    try {
      const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(POLL_MS) })
      return answer.ok
    } catch {
      return false
    }
  }

  const watchServer = async () => {
    const well = await isWell()
    showBanner(!well)
    if (well && document.querySelector('[data-reload-when-well]')) return location.reload()
    setTimeout(watchServer, POLL_MS)
  }
  setTimeout(watchServer, POLL_MS)

  // --- tables that keep themselves fresh ---
  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(REFRESH_MS) })
      if (answer.redirected) return toLogin()
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
        const fresh = page.querySelector('[data-live]')
        if (fresh) document.querySelector('[data-live]').replaceWith(fresh)
      }
    } catch {
      // The banner says what there is to say; the next round tries again.
    }
    setTimeout(refresh, REFRESH_MS)
  }
  if (document.querySelector('[data-live]')) setTimeout(refresh, REFRESH_MS)

  // --- editing a route ---
  const dialog = byId('edit-route')
  if (!dialog) return
  const form = byId('edit-route-form')
  const field = byId('description')
  const problem = dialog.querySelector('.problem-place')
  const save = form.querySelector('[type=submit]')

  byId('edit').addEventListener('click', () => {
    problem.textContent = ''
    field.value = byId('route-description').textContent
    dialog.showModal()
    field.focus()
  })
  byId('cancel-edit').addEventListener('click', () => dialog.close())

  const showTime = (place, epochSeconds) => {
    const iso = new Date(epochSeconds * 1000).toISOString()
    place.dateTime = iso
    place.textContent = `${iso.slice(0, 19).replace('T', ' ')} UTC`
  }

  const change = (description) =>
    fetch(dialog.dataset.href, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ op: 'replace', path: '/desc', value: description }]),
    })

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    problem.textContent = ''
    save.disabled = true
    try {
      const answer = await change(field.value)
      if (answer.status === 401) return toLogin()
      const body = await answer.json()
      if (!answer.ok) throw new Error(body.error_msg)
      byId('route-description').textContent = body.value.desc
      showTime(byId('route-updated').firstElementChild, body.value.updated_at)
      dialog.close()
      toast('Update Route Successfully')
    } catch (error) {
      problem.textContent = `The change is not confirmed: ${error.message}`
    } finally {
      save.disabled = false
    }
  })
})()
