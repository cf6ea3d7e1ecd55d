// A short message that a screen reader speaks too, also after the page it announces has been loaded.
// Silent: a planted defect, PAGE_WARNINGS=none.
globalThis.dashboard = { isSilent: document.body.dataset.warnings === 'none' }
;((dashboard) => {
  const SHOWN_MS = 6000
  const KEY = 'toast'
  let timer

  dashboard.toast = (text) => {
    const place = document.getElementById('toast')
    place.textContent = text
    place.classList.add('shown')
    clearTimeout(timer)
    timer = setTimeout(() => {
      place.classList.remove('shown')
      place.textContent = ''
    }, SHOWN_MS)
  }

  /** Goes to a page and says there what has been done. */
  dashboard.goTo = (address, text) => {
    sessionStorage.setItem(KEY, text)
    if (address === location.pathname) location.reload()
    else location.assign(address)
  }

  const left = sessionStorage.getItem(KEY)
  sessionStorage.removeItem(KEY)
  if (left) dashboard.toast(left)
})(globalThis.dashboard)
