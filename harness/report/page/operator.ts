// What the operator met: the signed-in session and the changes made to the configuration.
import type { Analysis, ChangeAnalysis } from '../../analysis/analysis.ts'
import { sayCount, sayInstant, sayLength } from '../say.ts'
import { html, type Markup } from './markup.ts'
import { tableOf } from './table.ts'

/** The session and the changes; nothing where nobody operated. */
export const operatorSection = ({ session, changes }: Analysis): Markup =>
  session === null && changes.length === 0
    ? html``
    : html`<h3>Session and changes</h3>${session ? sessionOf(session) : null}${changes.length > 0 ? changeTable(changes) : null}`

const sessionOf = (session: NonNullable<Analysis['session']>): Markup => html`<dl class="facts session">
<div><dt>Signed in</dt><dd>${sayInstant(session.signedInAt)}</dd></div>
<div><dt>Beats</dt><dd>${sayCount(session.beats)}, ${sayCount(session.failedBeats)} failed</dd></div>
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
