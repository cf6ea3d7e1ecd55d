import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from './bench-load.ts'
import {
  type Called,
  costTable,
  latenessTable,
  missedCost,
  missedLateness,
  missedScale,
  type Scale,
  type Spent,
  sayConcluded,
  scaleTable,
  timesWrk,
  unaskedCost,
} from './load-bench.ts'
import { calledBy, spentBy } from './load-run.ts'
import { type LoadServer, startLoadServer } from './load-server.ts'
import { callOnce, toolsHere } from './load-tools.ts'

const spent = (microsecondsACall: number, share = 0.05): Spent => ({ rate: 1000, microsecondsACall, share })
const called: Called = {
  scheduled: 100,
  recorded: 100,
  unsent: 0,
  answered: 100,
  stallMs: [4],
  isApart: true,
  late: { p50: 0.1, p99: 0.4, p999: 2, max: 3 },
}
const scale: Scale = { programs: 2, rate: 50, called, served: 100 }

describe('what a call costs', () => {
  const costs = [
    { tool: 'callers', all: [spent(16), spent(40), spent(22)] },
    { tool: 'wrk', all: [spent(8), spent(20), spent(10)] },
  ]

  test('is compared with wrk in the same repetition, and the middle pair counts', () => {
    expect(timesWrk(costs, 'callers')).toBe(2)
    expect(missedCost(costs)).toEqual([])
  })

  test('is missed above 2.2 times of wrk', () => {
    const dear = [{ tool: 'callers', all: [spent(24), spent(50), spent(22)] }, ...costs.slice(1)]
    expect(missedCost(dear)).toEqual(['2.50 x wrk'])
  })

  test('is neither met nor missed where wrk is not installed: table and last line say that nothing was asked', () => {
    const alone = costs.slice(0, 1)
    expect(missedCost(alone)).toEqual([])
    expect(costTable(alone)).toMatch(/ nothing was asked: no wrk$/m)
    expect(costTable(costs)).toMatch(/ met$/m)
    expect(sayConcluded({ missed: missedCost(alone), unasked: unaskedCost(alone) })).toBe(
      'Nothing was asked of CPU a call: no wrk to compare with.',
    )
  })

  test('is missed where wrk was measured and the callers were not', () => {
    const unknown = [{ tool: 'callers', all: [spent(Number.NaN)] }, ...costs.slice(1)]
    expect([missedCost(unknown), missedCost(costs.slice(1))]).toEqual([
      ['nobody knows what a call costs'],
      ['nobody knows what a call costs'],
    ])
    expect(unaskedCost(unknown)).toEqual([])
  })
})

describe('the last line', () => {
  test('says that every target is met where each was asked and none was missed', () => {
    expect(sayConcluded({ missed: [], unasked: [] })).toBe('Every target is met.')
    expect(sayConcluded({ missed: ['a', 'b'], unasked: ['c'] })).toBe('Missed: a; b. Nothing was asked of c.')
  })

  test('is none of a part that is not there: it is refused before anything is measured', async () => {
    const refused = { code: 'ERR_FLAG', message: expect.stringContaining("--only has 'cots': expected some of cost, ") }
    await expect(main(['--only', 'lateness,cots'])).rejects.toMatchObject(refused)
    await expect(main(['--only', ''])).rejects.toMatchObject({ code: 'ERR_FLAG' })
  })
})

describe('lateness', () => {
  const at = (p99: number, share: number, isApart = true) => ({
    ...spent(50, share),
    late: { ...called.late, p99 },
    isApart,
    aloneShare: 0.04,
  })

  test('is judged by the middle repetition, and by what sending took of a core', () => {
    const one = { rate: 1000, all: [at(0.3, 0.09), at(9, 0.3), at(0.5, 0.1)] }
    expect(missedLateness(one)).toEqual([])
    expect(latenessTable([one])).toMatch(/0\.50 .*10\.0 % {2}.*4\.0 %.* met$/m)
  })

  test('is not passed off as that of callers in real time where one repetition went without', () => {
    expect(latenessTable([{ rate: 1000, all: [at(0.3, 0.09), at(0.3, 0.09, false)] }])).toContain(
      '1,000/s, no real time',
    )
    expect(latenessTable([{ rate: 1000, all: [at(0.3, 0.09)] }])).not.toContain('no real time')
  })

  test('is missed above half a millisecond, a core above a tenth', () => {
    expect(missedLateness({ rate: 1000, all: [at(0.6, 0.11)] })).toEqual([
      'lateness at 1000/s',
      'share of a core at 1000/s',
    ])
  })
})

describe('scale', () => {
  test('is met where every call was sent, has an end on record, and was taken once', () => {
    expect(missedScale(scale)).toEqual([])
    expect(scaleTable([scale])).toMatch(/ met$/m)
  })

  test('is missed by a call that was not sent, has no end, was taken twice or not at all', () => {
    expect(missedScale({ ...scale, called: { ...called, unsent: 1 }, served: 99 })).toEqual(['1 calls were not sent'])
    expect(missedScale({ ...scale, called: { ...called, recorded: 98 } })).toEqual(['2 calls have no end on record'])
    expect(missedScale({ ...scale, served: 101 })).toEqual(['the server took 101 calls, 100 were sent'])
    expect(missedScale({ ...scale, served: 99 })).toEqual(['the server took 99 calls, 100 were sent'])
  })
})

describe('a short load', () => {
  let server: LoadServer
  beforeAll(async () => {
    server = await startLoadServer('0,1')
  })
  afterAll(() => server.stop())

  test('of autocannon is measured by its process group and ended before its time', async () => {
    const { tools } = await toolsHere()
    const autocannon = tools.find(({ name }) => name === 'autocannon')
    const command = autocannon?.command(server.url, 60) ?? []
    const { rate, share } = await spentBy({ server, command, processors: '0,1' }, 500)
    expect(rate).toBeGreaterThan(500)
    expect(share).toBeGreaterThan(0)
  })

  test('of two programs is on record to the last call, and the server counted as many', async () => {
    const plan = {
      url: server.url,
      programs: 2,
      seconds: 3,
      lanes: [{ connections: 'kept-alive', rate: 400 }],
    } as const
    const run = { server, command: callOnce(plan), processors: '0,1' }
    const { called, served, spent } = await calledBy(run, 500)
    expect(called.recorded).toBe(called.scheduled)
    expect(served).toBe(called.scheduled - called.unsent)
    expect(called.scheduled).toBeGreaterThan(2 * 400 * 2.5)
    expect(spent.microsecondsACall).toBeGreaterThan(0)
  })
})
