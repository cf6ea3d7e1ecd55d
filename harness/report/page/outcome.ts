// An outcome as a mark: a shape of its own, a colour and always the word, so that no reader depends on one of them.
import type { VerdictOutcome } from '../../verdict/verdict.ts'
import { html, type Markup } from './markup.ts'

const SHAPES: Readonly<Record<VerdictOutcome, Markup>> = {
  pass: html`<circle cx="8" cy="8" r="7"/><path d="M4.6 8.3l2.4 2.4 4.4-5"/>`,
  fail: html`<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="1.5"/><path d="M5 5l6 6M11 5l-6 6"/>`,
  inconclusive: html`<path class="body" d="M8 1.2L15 14.4H1z"/><path d="M8 5.8v4.2M8 11.9v.6"/>`,
}

/** The shape alone, for beside a word. */
export const shapeOf = (outcome: VerdictOutcome): Markup =>
  html`<svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${SHAPES[outcome]}</svg>`

/** Shape and word. */
export const markOf = (outcome: VerdictOutcome): Markup =>
  html`<span class="mark ${outcome}">${shapeOf(outcome)}<span>${outcome}</span></span>`
