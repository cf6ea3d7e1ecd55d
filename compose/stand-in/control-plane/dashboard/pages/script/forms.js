// Sends a form to the Admin API, and says what came of it: done, refused, or not known.
;((dashboard) => {
  // Longer than the database's own limit, so that the server's answer is the one a person reads.
  const LIMIT_MS = 15000

  const requestOf = (form) => {
    const { send: method, href } = form.dataset
    if (method === 'GET') return [`${href}?${new URLSearchParams(dashboard.objectOf(form))}`, { method }]
    if (method === 'DELETE') return [href, { method }]
    const body = method === 'PATCH' ? dashboard.patchOf(form) : dashboard.objectOf(form)
    return [href, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }]
  }

  const answerTo = async (form) => {
    const [address, options] = requestOf(form)
    const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(LIMIT_MS) })
    const isJson = answer.headers.get('content-type')?.includes('json')
    const body = isJson ? await answer.json() : { value: await answer.text() }
    if (answer.ok) return body.value
    const error = new Error(body.error_msg ?? `the server answered with status ${answer.status}`)
    error.status = answer.status
    throw error
  }

  const memberOf = (value, path) => path.split('.').reduce((place, name) => place?.[name], value)

  const showResult = (form, value) => {
    for (const place of form.querySelectorAll('[data-result]')) {
      place.value = place.dataset.result ? memberOf(value, place.dataset.result) : value
      place.closest('.result').hidden = false
      place.focus()
      place.select()
    }
  }

  /** The page shows what the server confirmed, without asking it again. */
  const showConfirmed = (value) => {
    for (const place of document.querySelectorAll('[data-shows]')) {
      const shown = memberOf(value, place.dataset.shows)
      if (typeof shown === 'string') place.textContent = shown
    }
  }

  const finish = (form, value) => {
    const { done, next } = form.dataset
    if (form.querySelector('[data-result]')) {
      showResult(form, value)
      dashboard.keepAsSaved(form)
      dashboard.toast(done)
      return dashboard.refresh()
    }
    if (next) return dashboard.goTo(next.replace('{id}', encodeURIComponent(value?.id ?? '')), done)
    dashboard.keepAsSaved(form)
    if (form.dataset.send !== 'DELETE') showConfirmed(value ?? {})
    form.dispatchEvent(new CustomEvent('done', { bubbles: true }))
    form.closest('dialog')?.close()
    dashboard.toast(done)
    return dashboard.refresh()
  }

  const PASSWORDS_DIFFER = 'The two passwords are not the same.'
  const wrongIn = (form) => {
    const [two, one] = [...form.querySelectorAll('[data-as=secret], [data-repeats]')].reverse()
    return two?.hasAttribute('data-repeats') && one.value !== two.value ? PASSWORDS_DIFFER : ''
  }

  const say = (form, error) => {
    if (dashboard.isSilent) return
    const place = form.querySelector('.problem-place')
    if (error.status === 401) {
      place.textContent = 'You are signed out. What you typed is kept: '
      const link = document.createElement('a')
      Object.assign(link, { href: '/login', target: '_blank', textContent: 'log in in another tab' })
      return place.append(link, ', then try again here.')
    }
    const isRefused = error.status >= 400 && error.status < 500
    place.textContent = isRefused ? `Not done: ${error.message}` : `Not confirmed: ${error.message}`
    if (!isRefused) dashboard.checkConnection()
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target
    if (!form.dataset.send) return
    event.preventDefault()
    const button = event.submitter ?? form.querySelector('[type=submit]')
    const problem = form.querySelector('.problem-place')
    problem.textContent = wrongIn(form)
    if (problem.textContent) return
    button.disabled = true
    try {
      const isUnchanged = form.dataset.send === 'PATCH' && dashboard.patchOf(form).length === 0
      if (isUnchanged) form.closest('dialog').close()
      else await finish(form, await answerTo(form))
    } catch (error) {
      say(form, error)
    } finally {
      button.disabled = false
    }
  })
})(globalThis.dashboard)
