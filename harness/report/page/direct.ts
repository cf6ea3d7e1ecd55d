// Each gateway as it answered past its balancer: whether a node was gone, or merely not called.
import type { Analysis, LaneAnalysis, PhaseName } from '../../analysis/analysis.ts'
import { sayInstant, sayLength, sayNumber } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { lostIn } from './series-data.ts'
import { tableOf } from './table.ts'

const PHASES: readonly PhaseName[] = ['steady', 'disturbed', 'recovered']

/** A row a gateway that was called so; nothing where none was. Its silence is no outage of the deployment. */
export const directTable = ({ lanes }: Analysis): Markup => {
  const direct = lanes.filter(({ purpose }) => purpose === 'direct')
  if (direct.length === 0) return html``
  return tableOf({
    caption:
      'Each gateway called past its balancer: answers by phase, and its longest silence. This tells a node that is gone from one that is not called',
    columns: [
      { head: 'Gateway' },
      ...['Steady', 'Disturbed', 'Recovered', 'Not answered', 'Longest silence', 'From'].map((head) => ({
        head,
        number: true,
      })),
    ],
    rows: direct.map((lane) => [
      lane.node ?? lane.lane,
      ...PHASES.map((phase) => answeredIn(lane, phase)),
      sayNumber(lostIn(lane)),
      ...silenceOf(lane),
    ]),
  })
}

const answeredIn = ({ phases }: LaneAnalysis, phase: PhaseName): string => {
  const found = phases.find((each) => each.phase === phase)
  if (!found) return 'no calls'
  const { answered, wrong, refused, unanswered } = found.counts
  return `${sayNumber(answered)} of ${sayNumber(answered + wrong + refused + unanswered + (found.heldBack ?? 0))}`
}

const silenceOf = ({ outages, floorMs }: LaneAnalysis): readonly string[] => {
  const [longest] = outages.filter(({ kind }) => kind === 'full').toSorted((a, b) => b.length.point - a.length.point)
  return longest
    ? [sayLength(longest.length.point), sayInstant(longest.from)]
    : [`none above ${sayLength(floorMs)}`, '']
}
