// Drawing on a plot's canvas beside what uPlot draws.
// @ts-check
/** @import uPlot from 'uplot' */

/**
 * Draws inside the plotting area alone, and leaves the pen as it was.
 * @param {uPlot} plot
 * @param {(pen: CanvasRenderingContext2D, area: uPlot.BBox) => void} draw
 */
export const drawInside = ({ ctx, bbox }, draw) => {
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  draw(ctx, bbox)
  ctx.restore()
}

/**
 * Where an instant is, px of the canvas.
 * @param {uPlot} plot
 * @param {number} at
 */
export const xOf = (plot, at) => plot.valToPos(at, 'x', true)

/**
 * A straight line.
 * @param {CanvasRenderingContext2D} pen
 * @param {readonly [x: number, y: number]} from
 * @param {readonly [x: number, y: number]} to
 */
export const strokeLine = (pen, from, to) => {
  pen.beginPath()
  pen.moveTo(...from)
  pen.lineTo(...to)
  pen.stroke()
}

/** The font of what is written on a canvas. */
export const fontOf = (weight = 'normal') => `${weight} ${11 * devicePixelRatio}px system-ui, sans-serif`
