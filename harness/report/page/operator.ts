// What the operator met: the signed-in session and the changes made to the configuration.
import type { Analysis, ChangeAnalysis, StreamAnalysis } from '../../analysis/analysis.ts'
import { sayInstant, sayLength, sayNumber } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { tableOf } from './table.ts'

/** The session and the changes; nothing where nobody operated. */
export const operatorSection = ({ session, changes, stream = null }: Analysis): Markup =>
  session === null && changes.length === 0 && stream === null
    ? html``
    : html`<h3>Session and changes</h3>${session ? sessionOf(session) : null}${changes.length > 0 ? changeTable(changes) : null}${stream ? streamPart(stream) : null}`

const streamPart = (stream: StreamAnalysis): Markup => html`<dl class="facts session">
<div><dt>Stream of changes</dt><dd>${sayNumber(stream.writes)} writes: ${sayNumber(stream.accepted)} accepted, ${sayNumber(stream.refused)} refused, ${sayNumber(stream.unknown)} unanswered</dd></div>
<div><dt>Looked at</dt><dd>${stream.gateways.join(', ') || 'nobody'}</dd></div>
<div><dt>Not as acknowledged</dt><dd>${stream.anomalies.length === 0 ? 'nothing' : sayNumber(stream.anomalies.length)}</dd></div>
</dl>${stream.anomalies.length > 0 ? anomalyTable(stream.anomalies) : null}`

const MOST_ANOMALIES = 50

const anomalyTable = (anomalies: StreamAnalysis['anomalies']): Markup =>
  tableOf({
    caption: `What cannot come of the writes${anomalies.length > MOST_ANOMALIES ? `, the first ${MOST_ANOMALIES}` : ''}`,
    columns: [
      { head: 'What' },
      { head: 'Route' },
      { head: 'Write' },
      { head: 'At', number: true },
      { head: 'Shown by' },
    ],
    rows: anomalies
      .slice(0, MOST_ANOMALIES)
      .map(({ kind, key, write, at, nodes }) => [kind, key, write ?? '', sayInstant(at), nodes.join(', ')]),
  })

const sessionOf = (session: NonNullable<Analysis['session']>): Markup => html`<dl class="facts session">
<div><dt>Signed in</dt><dd>${sayInstant(session.signedInAt)}</dd></div>
<div><dt>Beats</dt><dd>${sayNumber(session.beats)}, ${sayNumber(session.failedBeats)} failed</dd></div>
<div><dt>Sign-outs</dt><dd>${session.signOuts.length === 0 ? 'none' : session.signOuts.map(sayInstant).join(', ')}</dd></div>
<div><dt>Longest stall</dt><dd>${sayLength(session.longestStall.lengthMs)} at ${sayInstant(session.longestStall.at)}</dd></div>
<div><dt>Served by</dt><dd>${session.servedBy.join(', ') || 'unknown'}</dd></div>
</dl>`

const changeTable = (changes: readonly ChangeAnalysis[]): Markup =>
  tableOf({
    caption: 'Changes and where they were seen',
    columns: [
      { head: 'Change' },
      { head: 'By' },
      { head: 'Sent', number: true },
      { head: 'Accepted', number: true },
      { head: 'Seen at' },
    ],
    rows: changes.map((change) => [
      change.what,
      change.by,
      sayInstant(change.sentAt),
      acceptedOf(change),
      Object.entries(change.seenAt)
        .map(([node, at]) => `${node} ${sayInstant(at)}`)
        .join(', ') || 'nowhere',
    ]),
  })

const acceptedOf = ({ acceptedAt, refused, unknown }: ChangeAnalysis): string => {
  if (refused) return 'refused'
  if (unknown) return 'unknown'
  return sayInstant(acceptedAt)
}
