// Dialogs and menus, by pointer and by keyboard: what opens them, moves in them and closes them.
;((dashboard) => {
  const menuOf = (button) => button.parentElement.querySelector('[role=menu]')
  const itemsOf = (menu) => [...menu.querySelectorAll('[role=menuitem]')]
  const openMenu = () => document.querySelector('[aria-haspopup=menu][aria-expanded=true]')

  const setMenu = (button, isOpen) => {
    button.setAttribute('aria-expanded', String(isOpen))
    menuOf(button).hidden = !isOpen
  }

  // A dialog is in the page only while it is open: a closed one's labels would stand beside those of the open one.
  let made = new Map()
  const dialogOf = (id) => {
    const kept = made.get(id)
    if (kept) return kept
    const template = [...document.querySelectorAll('template[data-dialog]')].find(
      ({ dataset }) => dataset.dialog === id,
    )
    const dialog = document.importNode(template.content, true).querySelector('dialog')
    dialog.addEventListener('close', () => dialog.remove())
    made.set(id, dialog)
    return dialog
  }

  const openDialog = (id) => {
    const dialog = dialogOf(id)
    document.body.append(dialog)
    for (const form of dialog.querySelectorAll('form')) dashboard.resetForm(form)
    dialog.showModal()
    dialog.querySelector('[autofocus], input:not([type=hidden]), textarea, select')?.focus()
  }

  /** The next one that opens says what the page says now. */
  dashboard.forgetDialogs = () => {
    made = new Map()
  }

  document.addEventListener('click', (event) => {
    const target = event.target.closest('button')
    const opened = openMenu()
    if (opened && target !== opened) {
      setMenu(opened, false)
      if (opened.parentElement.contains(target)) opened.focus()
    }
    if (!target) return
    if (target.getAttribute('aria-haspopup') === 'menu') {
      const isOpening = target.getAttribute('aria-expanded') !== 'true'
      setMenu(target, isOpening)
      if (isOpening) itemsOf(menuOf(target))[0].focus()
    }
    if (target.dataset.opens) openDialog(target.dataset.opens)
    if (target.hasAttribute('data-closes')) target.closest('dialog').close()
  })

  const STEPS = { ArrowDown: 1, ArrowUp: -1 }
  document.addEventListener('keydown', (event) => {
    const button = openMenu()
    if (!button) return
    if (event.key === 'Escape' || event.key === 'Tab') {
      setMenu(button, false)
      button.focus()
    }
    if (event.key === 'Escape') event.preventDefault()
    const items = itemsOf(menuOf(button))
    const now = items.indexOf(document.activeElement)
    const next = event.key === 'Home' ? 0 : event.key === 'End' ? items.length - 1 : now + (STEPS[event.key] ?? 0)
    if (next === now) return
    event.preventDefault()
    items[(next + items.length) % items.length].focus()
  })

  // Escape in a dialog with a change in it would throw the change away: the buttons say clearly what they do.
  document.addEventListener(
    'cancel',
    (event) => {
      const isDirty = [...event.target.querySelectorAll('form')].some((form) => dashboard.isChanged(form))
      if (!isDirty) return
      event.preventDefault()
      dashboard.toast('There are changes: save them, or choose Cancel')
    },
    true,
  )
})(globalThis.dashboard)
