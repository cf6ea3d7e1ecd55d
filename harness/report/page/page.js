// Draws each scenario's curves with uPlot and keeps them, the bars and the slider on one time axis. The page is readable without it.
void (async () => {
  const root = document.documentElement
  const STEPS = [
    10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
    3_600_000,
  ]
  const OUTCOMES = ['answered', 'wrong', 'refused', 'unanswered', 'unsent']
  const figures = [...document.querySelectorAll('.timeline')]
  makeScrollable()
  for (const button of document.querySelectorAll('[data-print]')) button.addEventListener('click', () => print())
  if (typeof DecompressionStream === 'undefined' || typeof uPlot === 'undefined') return

  const scenarios = await unpack(document.getElementById('charts').textContent)
  root.classList.add('js')
  const redraws = figures.map((figure) => draw(figure, scenarios[Number(figure.dataset.scenario)]))
  const again = (width) => {
    for (const redraw of redraws) redraw(width)
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => again())
  addEventListener('beforeprint', () => again(640))
  addEventListener('afterprint', () => again())
  root.classList.add('drawn')

  async function unpack(base64) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
    return JSON.parse(await new Response(stream).text())
  }

  // A table wider than the screen has to be reached with the keyboard to be scrolled.
  function makeScrollable() {
    const mark = () => {
      for (const box of document.querySelectorAll('.scroll')) {
        if (box.scrollWidth > box.clientWidth + 1) {
          box.tabIndex = 0
          box.setAttribute('role', 'region')
          box.setAttribute('aria-label', box.querySelector('caption').textContent)
        } else {
          for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name)
        }
      }
    }
    mark()
    addEventListener('resize', mark)
    document.addEventListener('toggle', mark, true)
  }

  function draw(figure, data) {
    const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim()
    const gutter = (side) => Number.parseFloat(getComputedStyle(root).getPropertyValue(`--gutter-${side}`))
    const readout = figure.querySelector('.readout')
    const slider = figure.querySelector('input[type=range]')
    const cursors = [...figure.querySelectorAll('.cursor')]
    const plots = []
    // Kept on the figure, where a console or a test can look at what is drawn.
    figure.plots = plots
    let lane = data.lanes[0]
    let shown = [0, data.end]
    let sliding = false

    const times = ({ from, step }, count) => Array.from({ length: count }, (_, i) => from + i * step)
    // One list says both which numbers are drawn and how, the most important on top.
    const CURVES = [
      { name: 'max', numbers: 2, look: { dash: [2, 3], width: 1.4 } },
      { name: 'p99', numbers: 1, look: { dash: [6, 3] } },
      { name: 'p50', numbers: 0, look: {} },
    ]
    const latencyData = () => [
      times(lane, lane.latency[0].length),
      ...CURVES.map(({ numbers }) => lane.latency[numbers]),
    ]
    // Stacked from the ground up with the losses first, so that one lost call is not hidden on top of twenty answers.
    const COLUMNS = OUTCOMES.toReversed()
    const outcomeData = () => {
      const sums = []
      for (const name of COLUMNS) {
        const below = sums.at(-1)
        sums.push(lane.counts[OUTCOMES.indexOf(name)].map((count, i) => count + (below ? below[i] : 0)))
      }
      return [times(lane, lane.counts[0].length), ...sums.reverse()]
    }

    const decades = (_, splits) => splits.map((value) => (Math.abs(Math.log10(value) % 1) < 1e-6 ? value : null))
    const axis = (over) => ({
      stroke: () => color('soft'),
      font: '11.5px system-ui, sans-serif',
      grid: { stroke: () => color('rule'), width: 1 },
      ticks: { stroke: () => color('rule'), width: 1, size: 4 },
      ...over,
    })
    const xAxis = (show) =>
      axis({
        size: show ? 26 : 0,
        gap: 3,
        values: (_, splits) => splits.map((at) => (show ? `${Number((at / 1000).toFixed(2))} s` : '')),
        ticks: { show, stroke: () => color('strong-rule'), size: 4 },
        incrs: STEPS,
        space: 64,
      })
    const yAxis = (values, over = {}) => axis({ size: gutter('left'), gap: 4, values, ...over })

    const options = ({ height, scales, axes, series, name, isLast }) => ({
      width: figure.clientWidth,
      height,
      padding: [8, gutter('right'), isLast ? 0 : 7, 0],
      legend: { show: false },
      scales: { x: { time: false }, ...scales },
      axes,
      series: [{}, ...series],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
        sync: { key: `scenario-${figure.dataset.scenario}`, setSeries: false },
        bind: { dblclick: () => () => show(0, data.end) },
      },
      hooks: {
        drawClear: [(plot) => shade(plot, name)],
        draw: [(plot) => markOutages(plot, name)],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select
            if (width < 4) return
            const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            show(from, to)
          },
        ],
        setCursor: name === 'latency' ? [(plot) => moved(plot)] : [],
      },
    })

    const known = data.lanes.flatMap(({ latency }) => latency.flat()).filter((value) => value !== null && value > 0)
    const low = 10 ** Math.floor(Math.log10(Math.min(1, ...extremes(known))))
    const high = 10 ** Math.ceil(Math.log10(Math.max(10, data.p99Limit ?? 0, ...extremes(known)) * 1.05))
    const line = (name, over) => ({
      label: name,
      stroke: () => color(name),
      width: 1.6,
      points: { show: false },
      ...over,
    })
    const bars = uPlot.paths.bars({ size: [1], align: 1, gap: 0 })
    const stepped = uPlot.paths.stepped({ align: 1 })

    if (lane) {
      add('latency', latencyData(), {
        height: 200,
        scales: { y: { distr: 3, range: () => [low, high] } },
        axes: [
          xAxis(false),
          yAxis((_, splits) => splits.map((ms) => (ms === null ? '' : sayShort(ms))), {
            filter: decades,
            grid: { stroke: () => color('rule'), width: 1, filter: decades },
            ticks: { show: false },
          }),
        ],
        series: CURVES.map(({ name, look }) => line(name, look)),
      })
      const most = Math.max(1, ...data.lanes.map((each) => Math.max(...totals(each.counts))))
      add('outcomes', outcomeData(), {
        height: 130,
        scales: { y: { range: () => [0, most * 1.05] } },
        axes: [
          xAxis(data.nodes.length === 0),
          yAxis(undefined, { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000], space: 28 }),
        ],
        series: OUTCOMES.map((name) => ({
          label: name,
          paths: bars,
          points: { show: false },
          width: 0,
          fill: (plot) => fillOf(plot, name),
        })),
      })
    }
    const busiest = Math.max(1, ...data.nodes.flatMap(({ answered }) => extremes(answered)))
    data.nodes.forEach((node, i) => {
      const last = i === data.nodes.length - 1
      add(String(i), [times(node, node.answered.length), node.answered, node.lost], {
        height: last ? 76 : 57,
        scales: { y: { range: () => [0, busiest * 1.1] } },
        axes: [
          xAxis(last),
          yAxis((_, splits) => splits.map((count) => (count === 0 || count === splits.at(-1) ? count : '')), {
            space: 14,
          }),
        ],
        series: [
          {
            paths: stepped,
            points: { show: false },
            width: 1,
            stroke: () => color('p50'),
            fill: () => color('answered'),
          },
          { paths: bars, points: { show: false }, width: 0, fill: () => color('wrong') },
        ],
      })
    })

    function add(name, values, { height, scales, axes, series }) {
      const holder = figure.querySelector(
        name === 'latency' || name === 'outcomes' ? `[data-chart=${name}]` : `[data-node="${name}"]`,
      )
      const plot = new uPlot(
        options({
          height,
          scales,
          axes,
          series,
          name,
          isLast: name === String(data.nodes.length - 1) || (name === 'outcomes' && data.nodes.length === 0),
        }),
        values,
        holder,
      )
      plots.push({ plot, name, height })
    }

    function fillOf(plot, name) {
      if (name === 'unsent') return 'transparent'
      if (name !== 'refused') return color(name)
      const tile = document.createElement('canvas')
      tile.width = tile.height = 6
      const pen = tile.getContext('2d')
      pen.strokeStyle = color('refused')
      pen.lineWidth = 3
      pen.beginPath()
      for (const shift of [-6, 0, 6]) {
        pen.moveTo(shift, 6)
        pen.lineTo(shift + 6, 0)
      }
      pen.stroke()
      return plot.ctx.createPattern(tile, 'repeat')
    }

    // Faults lie under the curves: solid while in effect, pale while taking effect or clearing, a line at each instant.
    function shade(plot, name) {
      const node = data.nodes[name]?.name
      const { ctx, bbox } = plot
      ctx.save()
      ctx.beginPath()
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
      ctx.clip()
      const x = (at) => plot.valToPos(at, 'x', true)
      const band = (from, to, alpha) => {
        ctx.globalAlpha = alpha
        ctx.fillStyle = color('effect')
        ctx.fillRect(x(from), bbox.top, Math.max(1, x(to) - x(from)), bbox.height)
      }
      for (const { targets, at } of data.faults) {
        const [intended, effect, healed, cleared] = at
        const over = healed ?? cleared ?? data.end
        // A node's own lane is shaded by the faults on it, and only marked by the others.
        if (node === undefined || targets.includes(node)) {
          if (effect !== null) band(effect, over, 0.2)
          band(intended, effect ?? over, 0.1)
          band(over, cleared ?? data.end, 0.1)
        }
        ctx.globalAlpha = 0.75
        ctx.strokeStyle = color('effect')
        ctx.lineWidth = devicePixelRatio
        for (const instant of at) {
          if (instant === null) continue
          ctx.beginPath()
          ctx.moveTo(x(instant), bbox.top)
          ctx.lineTo(x(instant), bbox.top + bbox.height)
          ctx.stroke()
        }
      }
      ctx.restore()
    }

    function markOutages(plot, name) {
      if (name !== 'latency' && name !== 'outcomes') return
      const { ctx, bbox } = plot
      const x = (at) => plot.valToPos(at, 'x', true)
      ctx.save()
      ctx.beginPath()
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
      ctx.clip()
      for (const { kind, from, to } of lane.outages) {
        const width = Math.max(3 * devicePixelRatio, x(to) - x(from))
        ctx.fillStyle = color('outage')
        ctx.fillRect(x(from), bbox.top, width, (kind === 'full' ? 6 : 3) * devicePixelRatio)
        // Columns must keep their colours, so the tint is for the curves alone.
        if (name === 'outcomes') continue
        ctx.globalAlpha = kind === 'full' ? 0.5 : 0.12
        ctx.fillRect(x(from), bbox.top, width, bbox.height)
        ctx.globalAlpha = 1
      }
      if (name === 'latency') nameFaults(plot)
      if (name === 'latency' && data.p99Limit !== null) {
        const y = plot.valToPos(data.p99Limit, 'y', true)
        ctx.strokeStyle = color('p99')
        ctx.fillStyle = color('p99')
        ctx.lineWidth = devicePixelRatio
        ctx.beginPath()
        ctx.moveTo(bbox.left, y)
        ctx.lineTo(bbox.left + bbox.width, y)
        ctx.stroke()
        ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`
        ctx.textAlign = 'right'
        ctx.fillText(
          `p99 limit ${sayShort(data.p99Limit)}`,
          bbox.left + bbox.width - 4 * devicePixelRatio,
          y - 4 * devicePixelRatio,
        )
      }
      ctx.restore()
    }

    // The numbers of the faults, with a halo so that they can be read over the curves.
    function nameFaults({ ctx, bbox, valToPos }) {
      ctx.font = `600 ${11 * devicePixelRatio}px system-ui, sans-serif`
      ctx.textAlign = 'left'
      ctx.strokeStyle = color('paper')
      ctx.fillStyle = color('ink')
      ctx.lineWidth = 3 * devicePixelRatio
      for (const { label, at } of data.faults) {
        const place = [
          valToPos(at[1] ?? at[0], 'x', true) + 6 * devicePixelRatio,
          bbox.top + bbox.height - 6 * devicePixelRatio,
        ]
        ctx.strokeText(label, ...place)
        ctx.fillText(label, ...place)
      }
    }

    function show(from, to) {
      shown = [Math.max(0, from), Math.min(data.end, to)]
      const span = shown[1] - shown[0]
      figure.style.setProperty('--zoom-left', `${(-100 * shown[0]) / span}%`)
      figure.style.setProperty('--zoom-width', `${(100 * data.end) / span}%`)
      for (const { plot } of plots) plot.setScale('x', { min: shown[0], max: shown[1] })
      keepWordsInSight()
      drawAxis()
      slider.min = Math.floor(shown[0])
      slider.max = Math.ceil(shown[1])
    }

    // The words of a bar that begins left of the window move to the window's edge.
    function keepWordsInSight() {
      for (const track of figure.querySelectorAll('.track:not(.axis)')) {
        const edge = track.getBoundingClientRect().left
        for (const bar of track.querySelectorAll('.bar')) {
          bar.firstElementChild.style.marginLeft = `${Math.max(0, edge - bar.getBoundingClientRect().left)}px`
        }
      }
    }

    function drawAxis() {
      const track = figure.querySelector('.track.axis')
      const span = shown[1] - shown[0]
      const every = STEPS.find((step) => (span / step) * 70 <= track.clientWidth) ?? span
      const ticks = []
      for (let at = Math.ceil(shown[0] / every) * every; at <= shown[1]; at += every) {
        const tick = document.createElement('span')
        tick.className = 'tick'
        tick.style.left = `${(100 * at) / data.end}%`
        tick.textContent = `${Number((at / 1000).toFixed(2))} s`
        ticks.push(tick)
      }
      track.firstElementChild.replaceChildren(...ticks)
    }

    function moved(plot) {
      const { left } = plot.cursor
      const visible = left !== undefined && left >= 0
      for (const cursor of cursors) {
        cursor.style.display = visible ? 'block' : 'none'
        cursor.style.left = `${gutter('left') + left}px`
      }
      if (!visible) return
      const at = plot.posToVal(left, 'x')
      // The slider leads where it was moved itself: a pixel may be longer than its step.
      const moment = sliding ? Number(slider.value) : at
      if (!sliding) slider.value = at
      readout.textContent = sayMoment(moment)
    }

    function sayMoment(at) {
      const i = Math.floor((at - lane.from) / lane.step)
      const [p50, p99, max] = lane.latency.map((values) => values[i] ?? null)
      const counts = OUTCOMES.map((name, k) => [name, lane.counts[k][i] ?? 0])
        .filter(([name, count]) => name === 'answered' || count > 0)
        .map(([name, count]) => `${count} ${name}`)
      const latency = p50 === null ? 'no answer' : `p50 ${sayShort(p50)}, p99 ${sayShort(p99)}, max ${sayShort(max)}`
      const nodes = data.nodes.map(
        (node) => `${node.name} ${node.answered[Math.floor((at - node.from) / node.step)] ?? 0}`,
      )
      return `${((lane.from + i * lane.step) / 1000).toFixed(1)} s, lane ${lane.name}: ${counts.join(', ')}; ${latency}. Answered by ${nodes.join(', ') || 'nobody known'}.`
    }

    slider.addEventListener('input', () => {
      const first = plots[0]
      if (!first) return
      sliding = true
      first.plot.setCursor({ left: first.plot.valToPos(Number(slider.value), 'x'), top: 20 })
      sliding = false
      slider.setAttribute('aria-valuetext', readout.textContent)
    })
    for (const choice of figure.querySelectorAll('input[type=radio]')) {
      choice.addEventListener('change', () => {
        lane = data.lanes[Number(choice.value)]
        for (const name of figure.querySelectorAll('[data-lane]')) name.textContent = lane.name
        for (const { plot, name } of plots) {
          if (name === 'latency') plot.setData(latencyData())
          if (name === 'outcomes') plot.setData(outcomeData())
        }
        show(...shown)
      })
    }
    for (const button of figure.querySelectorAll('[data-window]')) {
      button.addEventListener('click', () =>
        show(...(button.dataset.window === 'around' && data.around ? data.around : [0, data.end])),
      )
    }

    const fit = (width) => {
      for (const { plot, height } of plots) plot.setSize({ width: width ?? figure.clientWidth, height })
      show(...shown)
    }
    let before = figure.clientWidth
    new ResizeObserver(() => {
      if (figure.clientWidth === before) return
      before = figure.clientWidth
      fit()
    }).observe(figure)
    show(0, data.end)
    return fit
  }

  function extremes(values) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const value of values) {
      if (value < low) low = value
      if (value > high) high = value
    }
    return values.length === 0 ? [] : [low, high]
  }

  function totals(counts) {
    return counts[0].map((_, i) => counts.reduce((sum, values) => sum + values[i], 0))
  }

  function sayShort(ms) {
    if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`
    return `${Number(ms.toPrecision(3))} ms`
  }
})()
