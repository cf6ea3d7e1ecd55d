// Bars on the time axis of a scenario, drawn without a script: phases, steps, faults, outages and what balancers thought of nodes.
import { html, type Markup } from './markup.ts'

/** Something that lasted. */
export interface Bar {
  readonly from: number
  readonly to: number
  /** Stands in the bar however short it is: a number, or one word. */
  readonly label?: string
  /** Said inside the bar where there is room, and always in its tooltip. */
  readonly text: string
  /** Colour and pattern. */
  readonly look: string
}

/** A line of the figure: its name and one or more tracks of bars that do not overlap, unless they are to lie on each other. */
export const rowOf = ({ name, bars, endMs, overlaid = false }: Row): Markup =>
  html`<div class="row"><p class="row-name">${name}</p>${(overlaid ? [bars] : packTracks(bars)).map(
    (track) => html`<div class="track"><div class="strip">${track.map((bar) => barOf(bar, endMs))}</div></div>`,
  )}</div>`

interface Row {
  readonly name: Markup | string
  readonly bars: readonly Bar[]
  readonly endMs: number
  readonly overlaid?: boolean
}

const barOf = ({ from, to, label, text, look }: Bar, endMs: number): Markup =>
  html`<span class="bar ${look}" style="left:${percent(from, endMs)}%;width:${percent(to - from, endMs)}%" title="${label ? `${label} ${text}` : text}"><span>${label ? html`<b>${label}</b> ` : null}<span class="words">${text}</span></span></span>`

const percent = (valueMs: number, endMs: number): string => ((100 * Math.max(0, valueMs)) / endMs).toFixed(3)

/** Puts bars on as few tracks as they need without overlapping, in order of their beginning. */
const packTracks = (bars: readonly Bar[]): readonly (readonly Bar[])[] => {
  const tracks: Bar[][] = []
  for (const bar of bars.toSorted((a, b) => a.from - b.from)) {
    const free = tracks.find((track) => (track.at(-1)?.to ?? 0) <= bar.from)
    if (free) free.push(bar)
    else tracks.push([bar])
  }
  return tracks
}

/** The axis under the bars: a handful of round instants. */
export const axisOf = (endMs: number): Markup => {
  const every = STEPS.find((step) => endMs / step <= 8) ?? endMs / 8
  const ticks = Array.from({ length: Math.floor(endMs / every) + 1 }, (_, i) => i * every)
  return html`<div class="track axis"><div class="strip">${ticks.map(
    (tick) => html`<span class="tick" style="left:${percent(tick, endMs)}%">${sayTick(tick)}</span>`,
  )}</div></div>`
}

const STEPS = [1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000]

const sayTick = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`
