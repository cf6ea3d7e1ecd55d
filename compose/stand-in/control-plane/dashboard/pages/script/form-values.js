// What a form says, as the Admin API takes it: each field names the member it sets, and how its text is read.
;((dashboard) => {
  const fieldsOf = (form) => [...form.querySelectorAll('[data-to]')]

  const READ = {
    text: (field) => field.value,
    secret: (field) => field.value,
    number: (field) => (field.value === '' ? undefined : Number(field.value)),
    flag: (field) => field.checked,
    json: (field) => JSON.parse(field.value),
    list: (field) => field.value.split(/[\s,]+/).filter(Boolean),
    choices: (field) => [...field.querySelectorAll(':checked')].map((box) => box.value),
    days: (field) => (field.value === '' ? 0 : Math.floor(Date.now() / 1000) + Number(field.value) * 86400),
  }

  const valueIn = (field) => {
    const value = READ[field.dataset.as ?? 'text'](field)
    const isEmpty = value === '' || (Array.isArray(value) && value.length === 0)
    return isEmpty && field.hasAttribute('data-may-be-absent') ? undefined : value
  }

  const put = (object, path, value) => {
    const names = path.split('.')
    const last = names.pop()
    let place = object
    for (const name of names) {
      place[name] ??= {}
      place = place[name]
    }
    place[last] = value
  }

  /** The whole object, as a form that makes something sends it. */
  dashboard.objectOf = (form) => {
    const object = {}
    for (const field of fieldsOf(form)) {
      const value = valueIn(field)
      if (value !== undefined) put(object, field.dataset.to, value)
    }
    return object
  }

  /** Only what was changed, as a JSON Patch: two people who edit different fields do not undo each other. */
  dashboard.patchOf = (form) => {
    const operations = []
    for (const field of fieldsOf(form)) {
      const value = valueIn(field)
      if (JSON.stringify(value ?? null) === field.dataset.before) continue
      const path = `/${field.dataset.to.replaceAll('.', '/')}`
      if (value !== undefined)
        operations.push({ op: field.hasAttribute('data-always-there') ? 'replace' : 'add', path, value })
      else operations.push({ op: 'remove', path })
    }
    return operations
  }

  const remember = (form) => {
    for (const field of fieldsOf(form)) field.dataset.before = JSON.stringify(valueIn(field) ?? null)
  }

  dashboard.isChanged = (form) =>
    fieldsOf(form).some((field) => JSON.stringify(valueIn(field) ?? null) !== field.dataset.before)

  /** Back to what the page said when it came, or what was saved since. */
  dashboard.resetForm = (form) => {
    form.reset()
    form.dispatchEvent(new CustomEvent('shown', { bubbles: true }))
    for (const place of form.querySelectorAll('.problem-place')) place.textContent = ''
    for (const place of form.querySelectorAll('[data-result]')) place.closest('.result').hidden = true
    remember(form)
  }

  /** What is in the form now is what the server has: a reset goes back to here. */
  dashboard.keepAsSaved = (form) => {
    for (const field of form.querySelectorAll('input, textarea')) {
      if (field.type === 'checkbox') field.defaultChecked = field.checked
      else if (field.dataset.nodes) field.dataset.nodes = field.value
      else field.defaultValue = field.value
    }
    for (const option of form.querySelectorAll('option')) option.defaultSelected = option.selected
    remember(form)
  }
})(globalThis.dashboard)
