import { describe, expect, test } from 'vitest'
import { renderMarkdown } from './markdown.ts'
import { inconclusiveScenario, passedScenario, sampleScenario, sampleSummary } from './sample.fixture.ts'

const scenarios = [passedScenario(), inconclusiveScenario(), sampleScenario()]

describe('summary.md', () => {
  test('starts with the outcome and tells the worst scenario first', () => {
    const text = renderMarkdown(sampleSummary(scenarios), scenarios)
    expect(text).toMatch(/^# fail: failover drill of high-availability\n\n1 of 3 scenarios failed/)
    expect([...text.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual([
      '**fail** data-plane-failover',
      '**inconclusive** rolling-restart',
      'pass control-plane-failover',
    ])
    expect(text).toContain('| Ejection | pass | 2.3 s | at most 5 s (looser) | at most 3 s |')
    expect(text).toContain('faults attested: No engine event of a restart came within 10 s.')
  })

  test('says of each caller lane that lost something how bad it was, and nothing of the others', () => {
    const text = renderMarkdown(sampleSummary(scenarios), scenarios)
    expect(text).toContain('| kept-alive | 8 | 94.00 % | 99.60 % | 40 ms | 0.00154 % | 41 ms |')
    expect(text).toContain('| new | 13 | 94.00 % | 99.35 % | 65 ms | 0.00251 % | 61 ms |')
    expect(text.match(/Bad time/g)).toHaveLength(1)
  })

  test('says of a lane whose outage followed no fault that it was without an answer all the same', () => {
    const { analysis, ...rest } = sampleScenario()
    const told = { ...rest, analysis: { ...analysis, recoveries: [] } }
    expect(renderMarkdown(sampleSummary([told]), [told])).toContain('| 0.00154 % | its outage followed no fault |')
    const lanes = analysis.lanes.map((lane) => ({ ...lane, outages: [] }))
    const never = { ...rest, analysis: { ...analysis, lanes, recoveries: [] } }
    expect(renderMarkdown(sampleSummary([never]), [never])).toContain('| 0.00154 % | never without |')
  })

  test('says of each earlier attempt what it comes to now: judged again it may have failed', () => {
    const because = 'A call was lost.'
    const attempts = [{ name: 'zone-loss', folder: 'zone-loss.attempt-1', outcome: 'fail', because } as const]
    expect(renderMarkdown({ ...sampleSummary(scenarios), attempts }, scenarios)).toContain(
      'Earlier attempts, as they are judged now:\n- zone-loss (zone-loss.attempt-1), **fail**: A call was lost.',
    )
  })

  test('says what was not saved though nothing rests on it, and nothing where all was', () => {
    const { verdict, ...rest } = passedScenario()
    const told = { ...rest, verdict: { ...verdict, unsaved: ['The log of data-plane-1 was not saved: no space.'] } }
    expect(renderMarkdown(sampleSummary([told]), [told])).toContain(
      'Not saved, and nothing rests on it:\n- The log of data-plane-1 was not saved: no space.',
    )
    expect(renderMarkdown(sampleSummary(scenarios), scenarios)).not.toContain('Not saved')
  })

  test('says of a run how long it took, and where nobody wrote that down, that it was not recorded', () => {
    const run = sampleSummary(scenarios)
    expect(renderMarkdown(run, scenarios)).toContain(' UTC, took 2 min 21 s |')
    const text = renderMarkdown({ ...run, tookMs: null }, scenarios)
    expect(text).toContain(' UTC, how long it took was not recorded |')
  })

  test('says how much memory the machine had, in the unit that it is recorded in', () => {
    expect(renderMarkdown(sampleSummary(scenarios), scenarios)).toContain('2 CPUs, 23.4 GiB, Docker')
  })

  test('never grows over 65,000 bytes, and says when something is left out', () => {
    const [passed, failed] = [passedScenario(), sampleScenario()]
    const many = Array.from({ length: 60 }, (_, i) => ({ ...failed, folder: `scenario-${i}` }))
    const text = renderMarkdown(sampleSummary(many), many)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_000)
    expect(Buffer.byteLength(text)).toBeGreaterThan(55_000)
    expect(text).toMatch(/More is left out here for length; index.html has all of it.\n$/)
    const huge = Array.from({ length: 3000 }, (_, i) => ({ ...passed, folder: `scenario-${i}` }))
    expect(Buffer.byteLength(renderMarkdown(sampleSummary(huge), huge))).toBeLessThanOrEqual(65_000)
  })

  test('text from a run stays text: no HTML, no table cells, no links, no mentions', () => {
    const { verdict, ...rest } = sampleScenario()
    const told = { ...rest, verdict: { ...verdict, because: 'a | b <img src=x> [x](http://y) @team `c`\n# d' } }
    const text = renderMarkdown(sampleSummary([told]), [told])
    expect(text).toContain('a \\| b &lt;img src=x&gt; \\[x\\](http:&#47;&#47;y) &#64;team \\`c\\` \\# d')
  })
})
