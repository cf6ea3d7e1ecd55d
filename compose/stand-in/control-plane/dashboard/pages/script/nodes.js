// The list of an upstream's nodes inside a form, and the dialog that adds one.
;(() => {
  const render = (list) => {
    const field = list.querySelector('[data-to]')
    const nodes = JSON.parse(field.value)
    const rows = nodes.map((node, index) => {
      const row = document.createElement('li')
      const text = document.createElement('code')
      text.textContent = `${node.host}:${node.port}`
      const weight = document.createElement('span')
      weight.textContent = `weight ${node.weight}`
      const remove = document.createElement('button')
      Object.assign(remove, { type: 'button', className: 'quiet small', textContent: 'Remove' })
      remove.setAttribute('aria-label', `Remove node ${node.host}:${node.port}`)
      remove.addEventListener('click', () => {
        field.value = JSON.stringify(nodes.filter((_node, other) => other !== index))
        render(list)
        list.querySelector('[data-opens]').focus()
      })
      row.append(text, weight, remove)
      return row
    })
    list.querySelector('ul').replaceChildren(...rows)
  }

  document.addEventListener('shown', ({ target: form }) => {
    for (const list of form.querySelectorAll('.nodes')) {
      const field = list.querySelector('[data-to]')
      field.value = field.dataset.nodes
      render(list)
    }
  })

  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!form.dataset.addsNodeTo) return
    event.preventDefault()
    const list = document.querySelector(`#${form.dataset.addsNodeTo} .nodes`)
    const field = list.querySelector('[data-to]')
    const said = new FormData(form)
    const node = { host: said.get('host').trim(), port: Number(said.get('port')), weight: Number(said.get('weight')) }
    field.value = JSON.stringify([...JSON.parse(field.value), node])
    render(list)
    form.closest('dialog').close()
  })
})()
