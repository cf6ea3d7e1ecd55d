// A chosen licence file becomes the text that is sent; once uploaded it can be activated.
;(() => {
  const byId = (id) => document.getElementById(id)
  document.addEventListener('change', async ({ target }) => {
    if (target.id !== 'license-file') return
    const [file] = target.files
    if (file) byId('license-text').value = await file.text()
  })

  document.addEventListener('done', ({ target }) => {
    if (target.id !== 'upload-license-form') return
    const activate = byId('activate-license')
    activate.querySelector('[data-copies]').value = byId('license-text').value
    activate.hidden = false
    activate.querySelector('[type=submit]').focus()
  })
})()
