import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { OUTCOMES } from '../history/call.ts'
import { renderHtml } from './html.ts'
import { renderMarkdown } from './markdown.ts'
import { redactValues } from './redact-values.ts'
import {
  inconclusiveScenario,
  passedScenario,
  sampleFindings,
  sampleScenario,
  sampleSummary,
} from './sample.fixture.ts'

const scenarios = [sampleScenario(), passedScenario(), inconclusiveScenario()]
const noScreenshots = { screenshots: () => null }
const page = renderHtml(sampleSummary(scenarios), scenarios, noScreenshots)
/** The tags of scripts stay: an address may stand in one. */
const withoutScripts = (html: string): string => html.replace(/(<script\b[^>]*>)[\s\S]*?(<\/script>)/g, '$1$2')
const chartsIn = (html: string) =>
  JSON.parse(gunzipSync(Buffer.from(/id="charts">([^<]*)</.exec(html)?.[1] ?? '', 'base64')).toString())

describe('the first screen', () => {
  const first = page.slice(page.indexOf('<main>'), page.indexOf('class="scenario"'))

  test('says the verdict and why, a sentence for each scenario', () => {
    expect(first).toContain('<span class="word">fail</span>')
    for (const { verdict } of scenarios) expect(first).toContain(verdict.because)
  })

  test('says what was run, and what was left out', () => {
    for (const fact of [
      'high-availability',
      'M05',
      'vendor',
      '/status',
      '20261120',
      '4f1c2aa90d3b',
      'Debian GNU/Linux 12',
      'firedrill/gateway:0.1',
      '2026-11-20 14:02:11 UTC',
      'zone-outage',
    ])
      expect(first).toContain(fact)
  })
})

test.each([
  [{ 'firedrill/gateway:local': 'sha256:1' }, 'stand-in for gateway, not'],
  [
    { 'firedrill/gateway:a': 'sha256:1', 'firedrill/control-plane:a (etcd)': 'sha256:2' },
    'for control plane and gateway, not',
  ],
  [{ 'api7/api7-ee-3-gateway:3.9': 'sha256:1', 'firedrill/load-balancer:local': 'sha256:2' }, null],
])('that it was no gateway of the vendor’s is said first and where it is signed: %j', (images, said) => {
  const { provenance, ...summary } = sampleSummary(scenarios)
  const run = { ...summary, provenance: { ...provenance, images } }
  for (const told of [renderHtml(run, scenarios, noScreenshots), renderMarkdown(run, scenarios)])
    expect(told.includes('stand-in')).toBe(said !== null)
  const html = renderHtml(run, scenarios, noScreenshots)
  expect(html.split(said ?? 'stand-in')).toHaveLength(said === null ? 1 : 3)
})

test('what was not met has a column on the first screen, whatever it is; of what was met only the main objectives do', () => {
  const lost = (outcome: 'fail' | 'pass') => {
    const [sample] = [sampleScenario()]
    const told = sampleFindings.map((each) =>
      each.objective === 'convergence' ? { ...each, objective: 'lostChanges', demanded: 0, outcome } : each,
    )
    const scenario = { ...sample, verdict: { ...sample.verdict, findings: told } }
    const html = renderHtml(sampleSummary([scenario]), [scenario], noScreenshots)
    return html.slice(html.indexOf('<caption>Main objectives'), html.indexOf('class="scenario"'))
  }
  expect(lost('fail')).toContain('>Lost changes</th>')
  expect(lost('pass')).not.toContain('Lost changes')
  expect(lost('pass')).toContain('>Lost calls</th>')
})

test('what was not saved though nothing rests on it is a note beside the assumptions, and where all was there is none', () => {
  const { verdict, ...rest } = passedScenario()
  const told = { ...rest, verdict: { ...verdict, unsaved: ['There is no screenshot of Sign in: late.'] } }
  const note = /<p class="note">Not saved, and nothing rests on it: There is no screenshot of Sign in: late\.<\/p>/
  expect(renderHtml(sampleSummary([told]), [told], noScreenshots)).toMatch(note)
  expect(page).not.toContain('Not saved')
})

test('a run of which nobody wrote down how long it took says that on the first screen, and not that it took no time', () => {
  const html = renderHtml({ ...sampleSummary(scenarios), tookMs: null }, scenarios, noScreenshots)
  expect(html).toContain('<dt>Took</dt><dd>not recorded</dd>')
  expect(page).toContain('<dt>Took</dt><dd>2 min 21 s</dd>')
})

test('the memory of the machine is told in the unit that it is recorded in', () => {
  expect(page).toContain('2 CPUs, 23.4 GiB, engine')
})

test('an upgrade says on the first screen what ran and what took over', () => {
  const summary = sampleSummary(scenarios)
  const upgrades = { 'control-plane': { from: 'cp:1', to: 'cp:2' } }
  const html = renderHtml({ ...summary, provenance: { ...summary.provenance, upgrades } }, scenarios, noScreenshots)
  expect(html).toContain('<li>control-plane upgraded from cp:1 to cp:2</li>')
  expect(page).not.toContain('upgraded from')
})

test('a harness with uncommitted changes says so on the first screen', () => {
  const { provenance, ...summary } = sampleSummary(scenarios)
  const harness = { ...provenance.harness, commit: `${provenance.harness.commit} with uncommitted changes` }
  const html = renderHtml({ ...summary, provenance: { ...provenance, harness } }, scenarios, noScreenshots)
  expect(html).toContain('<code>4f1c2aa90d3b with uncommitted changes</code>')
})

describe('an earlier attempt', () => {
  const shown = (folder: string): string => {
    const attempts = [{ name: 'a', folder, outcome: 'fail', because: 'Lost.' } as const]
    return renderHtml({ ...sampleSummary(scenarios), attempts }, scenarios, noScreenshots)
  }

  test('is shown as it is judged now', () => {
    expect(shown('a.attempt-1')).toContain('<caption>Earlier attempts, as they are judged now</caption>')
  })

  test('is linked to by its folder, inside the run whatever that is called', () => {
    expect(shown('a.attempt-1')).toContain('<a href="./a.attempt-1/verdict.json">a</a>')
    expect(shown('../../etc/pass wd')).toContain('<a href="./etc/pass%20wd/verdict.json">a</a>')
  })
})

test('each scenario says what was set for it: with the Compose files, enough to bring the same deployment up again', () => {
  const html = renderHtml(sampleSummary(scenarios), scenarios, noScreenshots)
  expect(html).toContain('Timings: vendor. Balancer check: <code>/status</code>.')
  expect(html).toContain(
    'Set otherwise than its Compose files have it: <code>LB_HARD_STOP_AFTER=5m LB_MODE=tcp</code>.',
  )
})

describe('what callers went through', () => {
  const section = page.slice(page.indexOf('id="scenario-1"'), page.indexOf('id="scenario-2"'))
  const rowsOf = (caption: string): readonly string[] => {
    const table = section.slice(section.indexOf(`<caption>${caption}`))
    const body = table.slice(table.indexOf('<tbody>'), table.indexOf('</tbody>'))
    return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
      row
        .replace(/<[^>]+>/g, ' ')
        .replace(/ +/g, ' ')
        .trim(),
    )
  }

  test('is their bursts and brown-outs, each with what it was', () => {
    expect(rowsOf('Error bursts and brown-outs')).toEqual([
      ...['new', 'kept-alive'].map(
        (lane) =>
          `Error burst ${lane} 8.02 s 40 ms 8 lost, up to 40.00 % in 100 ms: 6 connection refused, 2 server error data-plane-1`,
      ),
      ...['new', 'kept-alive'].map(
        (lane) => `Brown-out ${lane} 10.40 s 800 ms p99 up to 412 ms, above 250 ms all the while`,
      ),
    ])
  })

  test('is the worst window of each length and the budget that was used', () => {
    expect(rowsOf('Calls answered in the worst window')).toEqual([
      'new 60.00 % 94.00 % 99.35 % too short 99.81 % 65 ms 0.00251 % 0.0251 % 4.85 x',
      'kept-alive 60.00 % 94.00 % 99.60 % too short 99.88 % 40 ms 0.00154 % 0.0154 % 2.99 x',
    ])
  })

  test('is when they were answered again, and leaves out whom nothing happened to', () => {
    expect(rowsOf('Callers’ return')).toEqual([
      'F1 new 61 ms before it more than 28.0 s before it',
      'F1 kept-alive 41 ms before it 41 ms before it',
    ])
  })

  test('is by zone where there are several', () => {
    expect(rowsOf('Zones')).toEqual([
      'a data-plane-1, data-plane-2 0 of 2,132, 3.1 ms 21 of 2,701, 3.4 ms 0 of 3,892, 3.2 ms',
      'b data-plane-3 0 of 1,066, 3.1 ms 0 of 2,680, 3.4 ms 0 of 1,946, 3.2 ms',
    ])
  })

  test('is nothing where nothing was lost, said in a sentence', () => {
    const calm = page.slice(page.indexOf('id="scenario-2"'), page.indexOf('id="scenario-3"'))
    expect(calm).toContain('Neither callers nor the Dashboard lost a call')
    expect(calm).not.toContain('Error bursts')
  })
})

describe('the page', () => {
  test('loads nothing: no address of another host, no file beside it, and a policy that forbids both', () => {
    expect(withoutScripts(page)).not.toMatch(/(?:https?:)?\/\/[a-z0-9]/i)
    expect(withoutScripts(page)).not.toMatch(
      /<(?:script|link|img|iframe|object|embed|source)\b[^>]*\b(?:src|href)=(?!"data:)/,
    )
    expect(withoutScripts(page)).not.toMatch(/@import|url\(/)
    expect(page).toMatch(
      /Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:; style-src &#39;unsafe-inline&#39;; script-src (?:&#39;sha256-[A-Za-z0-9+/=]+&#39; ?){2}; base-uri &#39;none&#39;; form-action &#39;none&#39;"/,
    )
  })

  test('shows hostile text and runs none of it', () => {
    const hostile = `</script></style><img src=x onerror="alert(1)">'--><svg onload=alert(1)>`
    const poisoned = redactValues(scenarios, (text) => (/^[a-z-]+$/i.test(text) ? text : `${text}${hostile}`))
    const html = renderHtml(
      redactValues(sampleSummary(scenarios), (text) => (/^[a-z-]+$/i.test(text) ? text : `${text}${hostile}`)),
      poisoned,
      noScreenshots,
    )
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;')
    expect(html).not.toContain('<img')
    expect(html).not.toContain('<svg onload')
    expect(html.match(/<script\b/g)).toHaveLength(3)
    expect(html.match(/<\/style>/g)).toHaveLength(1)
  })

  test('a link into a scenario stays inside the run', () => {
    const { verdict, ...rest } = sampleScenario()
    const [finding] = verdict.findings
    const log = [
      { file: '../../../etc/pass wd', line: 1, text: 'x' },
      { file: 'javascript:alert(1)', line: 2, text: 'y' },
    ]
    const told = { ...rest, verdict: { ...verdict, findings: finding ? [{ ...finding, log }] : [] } }
    const html = renderHtml(sampleSummary([told]), [told], noScreenshots)
    expect(html).toContain('href="./data-plane-failover/etc/pass%20wd"')
    expect(html).toContain('href="./data-plane-failover/javascript%3Aalert(1)"')
  })

  test('a screenshot is inlined when it can be and linked when it cannot', () => {
    const uri = 'data:image/png;base64,iVBORw0KGgo='
    expect(renderHtml(sampleSummary(scenarios), scenarios, { screenshots: () => uri })).toContain(
      `<img src="${uri}" alt="Dashboard after the drop: route orders edited"`,
    )
    expect(renderHtml(sampleSummary(scenarios), scenarios, { screenshots: () => 'javascript:alert(1)' })).not.toContain(
      '<img',
    )
    expect(page).toContain('href="./data-plane-failover/screenshots/1-after-drop.png"')
  })

  test('a scenario without a record is told by its line in the summary', () => {
    const html = renderHtml(sampleSummary(scenarios), scenarios.slice(1), noScreenshots)
    expect(html).toContain('The record of this scenario could not be read')
    expect(chartsIn(html)).toHaveLength(3)
  })

  test('the charts hold the series of each lane and node, the worst lane first and the control lane last', () => {
    const [charts] = chartsIn(page)
    expect(charts.lanes.map(({ name }: { name: string }) => name)).toEqual(['new', 'kept-alive', 'control'])
    const series = scenarios[0]?.analysis.lanes.find(({ lane }) => lane === 'new')?.series
    expect(charts.outcomes).toEqual(OUTCOMES)
    expect(charts.lanes[0].counts).toEqual(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, series?.[outcome]])))
    expect(charts.lanes[0].latency.p99[0]).toBeCloseTo(series?.p99[0] ?? 0, 1)
    expect(charts.nodes.map(({ name }: { name: string }) => name)).toEqual([
      'data-plane-1',
      'data-plane-2',
      'data-plane-3',
    ])
    expect(charts.p99Limit).toEqual({ ms: 250, said: '250 ms' })
    expect(charts.faults[0]).toEqual({ label: 'F1', targets: ['data-plane-1'], at: [7960, 8000, 18000, 18700] })
  })

  test('ten scenarios of three lanes and five minutes stay below two megabytes', () => {
    const many = Array.from({ length: 10 }, (_, i) => sampleScenario({ folder: `scenario-${i}`, steps: 3000 }))
    expect(Buffer.byteLength(renderHtml(sampleSummary(many), many, noScreenshots))).toBeLessThan(2_000_000)
  })
})
