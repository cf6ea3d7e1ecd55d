// What the page's scripts hand each other: types alone, so nothing of them is in the page.
import type uPlot from 'uplot'
import type { ChartData, LaneData } from '../series-data.ts'

/** A scenario's figure, and what somebody looks at in it. */
export interface View {
  readonly figure: HTMLElement
  readonly slider: HTMLInputElement
  readonly data: ChartData
  /** What is drawn, from the top down. */
  readonly drawn: Drawn[]
  lane: LaneData
  /** The window in sight, ms since the run began. */
  shown: readonly [from: number, to: number]
}

/** What one chart of a figure is. */
export interface Chart {
  /** 'latency', 'outcomes', or the number of a node. */
  readonly name: string
  /** Where in the figure it is drawn, as a selector. */
  readonly place: string
  readonly height: number
  /** The last one has the time axis under it. */
  readonly isLast: boolean
  readonly scale: uPlot.Scale
  readonly axis: uPlot.Axis
  readonly series: readonly uPlot.Series[]
  /** x, then the y of each series. Those of a node are the same in every lane. */
  readonly valuesIn: (lane: LaneData) => readonly (readonly (number | null)[])[]
  readonly hooks: uPlot.Hooks.Arrays
}

/** A chart and the plot of it. */
export interface Drawn extends Chart {
  readonly plot: uPlot
}
