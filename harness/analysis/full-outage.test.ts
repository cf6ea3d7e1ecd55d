import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ERROR_CLASSES } from '../history/call.ts'
import type { Event, EventOf } from '../history/event.ts'
import { analyse } from './analyse.ts'
import type { LaneAnalysis, Outage } from './analysis.ts'
import { ALL_LANES, type HistorySpec, historyOf, type Trouble } from './history.fixture.ts'

const GIVEN_UP = ERROR_CLASSES.indexOf('deadline')

const laneOf = (spec: HistorySpec, lane = 'kept-alive'): LaneAnalysis => {
  const found = analyse(historyOf(spec)).lanes.find((each) => each.lane === lane)
  if (!found) throw new Error(`no lane ${lane}`)
  return found
}

const fullOf = (spec: HistorySpec, lane = 'kept-alive'): readonly Outage[] =>
  laneOf(spec, lane).outages.filter((outage) => outage.kind === 'full')

const trouble = (...each: readonly Trouble[]): HistorySpec => ({ trouble: each })

describe('full outages', () => {
  test('a deployment that answers everybody has none', () => {
    expect(fullOf({})).toEqual([])
  })

  test.each([
    ['refused', 500],
    ['wrong', 500],
    ['unanswered', 500],
    ['refused', 60],
    ['refused', 4000],
  ] as const)('calls %s for %i ms are one hard outage whose bounds contain it', (how, lengthMs) => {
    const [outage, ...more] = fullOf(trouble({ from: 9000, to: 9000 + lengthMs, how }))
    expect(more).toEqual([])
    expect(outage?.nature).toBe('hard')
    expect(outage?.length.min).toBeLessThanOrEqual(lengthMs)
    expect(outage?.length.max).toBeGreaterThanOrEqual(lengthMs)
    expect(Math.abs((outage?.length.point ?? 0) - lengthMs)).toBeLessThanOrEqual(2 * 5)
    expect(Math.abs((outage?.lossDerivedMs ?? 0) - lengthMs)).toBeLessThanOrEqual(2 * 5)
  })

  test('calls that all wait 500 ms for an answer are a stall', () => {
    expect(fullOf(trouble({ from: 9000, to: 9500, how: 'stall' }))).toEqual([
      expect.objectContaining({ nature: 'stall', lost: 0 }),
    ])
  })

  test('a stall of 15 ms is not told from noise', () => {
    expect(fullOf(trouble({ from: 9000, to: 9015, how: 'stall' }))).toEqual([])
  })

  test.each([1, 2, 3, 4, 5])(
    'a third of the calls waiting 300 ms for a dead node is no full outage (seed %i)',
    (seed) => {
      expect(fullOf({ seed, trouble: [{ from: 8020, to: 13_020, how: 'slow', slowMs: 300, share: 1 / 3 }] })).toEqual(
        [],
      )
    },
  )

  test.each([1, 2, 3, 4, 5])(
    'one of two nodes dead for a third of a second, and 11 calls in a row upon it, is no full outage (seed %i)',
    (seed) => {
      const dead = { how: 'slow', slowMs: 300 } as const
      const half = { ...dead, from: 8020, to: 8380, share: 0.5 }
      expect(fullOf({ seed, trouble: [{ ...dead, from: 8260, to: 8315 }, half] })).toEqual([])
    },
  )

  test('11 calls in a row that wait 300 ms out of nothing are a full outage', () => {
    expect(fullOf(trouble({ from: 8260, to: 8315, how: 'slow', slowMs: 300 }))).toEqual([
      expect.objectContaining({ nature: 'stall' }),
    ])
  })

  test.each([1, 2, 3, 4, 5])('half of the calls refused is no full outage (seed %i)', (seed) => {
    expect(fullOf({ seed, trouble: [{ from: 8020, to: 11_020, how: 'refused', share: 0.5 }] })).toEqual([])
  })

  test('calls that are slow for less long than nobody was answered do not make that chance', () => {
    const refused = { from: 8100, to: 8290, how: 'refused' } as const
    const worked = { how: 'slow', slowMs: 40 } as const
    expect(fullOf(trouble(refused, { ...worked, from: 8290, to: 8500 }))).toEqual([
      expect.objectContaining({ nature: 'hard' }),
    ])
    expect(fullOf(trouble({ ...worked, from: 7900, to: 8100 }, refused))).toHaveLength(1)
    expect(fullOf({ rate: 200, trouble: [refused, { ...worked, from: 8290, to: 8490, share: 0.5 }] })).toHaveLength(1)
  })

  test('two outages beside each other do not make each other chance, nor do many lost calls what is between them', () => {
    const [first, second] = [
      { from: 9000, to: 9190, how: 'refused' },
      { from: 9230, to: 9420, how: 'refused' },
    ] as const
    expect(fullOf({ rate: 100, trouble: [first, second] })).toHaveLength(2)
    expect(fullOf({ rate: 100, trouble: [first, { ...second, from: 9290, to: 9480 }] })).toHaveLength(2)
    // A long one, and every other call lost for a while after it.
    const half = { from: 9240, to: 9440, how: 'refused', share: 0.55 } as const
    expect(fullOf({ rate: 100, trouble: [{ ...first, to: 9240 }, half] }).length).toBeGreaterThan(0)
  })

  test('a few refused calls out of nothing are one where every lane had them', () => {
    const few = { from: 9000, to: 9040, how: 'refused' } as const
    const spec = { rate: 100, seconds: 90 }
    expect(fullOf({ ...spec, trouble: [few] })).toEqual([expect.objectContaining({ nature: 'hard' })])
    expect(fullOf({ ...spec, trouble: [{ ...few, lanes: ['kept-alive'] }] })).toEqual([])
  })

  test('an outage in which the generator slept for a moment is one where calls were lost before that and after', () => {
    const slept = { from: 9021, to: 9069, how: 'own-stall' } as const
    const refused = { from: 9000, to: 9090, how: 'refused' } as const
    expect(fullOf(trouble(refused, slept))).toEqual([expect.objectContaining({ nature: 'hard' })])
    // Lost before it alone: what became of the rest nobody knows.
    expect(fullOf(trouble({ ...refused, to: 9020 }, slept))).toEqual([])
  })

  test('a full outage amid slow calls begins when the last of them is answered', () => {
    const found = fullOf(
      trouble(
        { from: 9000, to: 9600, how: 'refused' },
        { from: 8020, to: 11_020, how: 'slow', slowMs: 300, share: 1 / 3 },
      ),
    )
    expect(found).toEqual([expect.objectContaining({ nature: 'hard' })])
    expect(found[0]?.from).toBeGreaterThan(9250)
  })

  test('the bounds reach back to when the last answer may have left, where it lay unread for a moment', () => {
    const truth: readonly [number, number] = [8995.2, 9500]
    const [outage] = fullOf(
      trouble({ from: 8994, to: 8999, how: 'slow', slowMs: 3.5 }, { from: 8999, to: truth[1], how: 'stall' }),
    )
    expect((outage?.from ?? 0) - truth[0]).toBeGreaterThan(3)
    expect(outage?.length.max).toBeGreaterThanOrEqual(truth[1] - truth[0])
    expect(outage?.length.max).toBeLessThan(truth[1] - truth[0] + 5)
  })

  test('the bounds reach back to when the last answer may have left, where the generator slept as it came', () => {
    const truth: readonly [number, number] = [9001.5, 9200]
    const [outage] = fullOf({
      rate: 1000,
      seconds: 20,
      trouble: [
        { from: truth[0], to: truth[1], how: 'refused' },
        { from: 9000, to: 9045, how: 'own-stall' },
      ],
    })
    expect((outage?.from ?? 0) - truth[0]).toBeGreaterThan(40)
    expect(outage?.length.max).toBeGreaterThanOrEqual(truth[1] - truth[0])
  })

  test('the lower bound leaves room for the calls that were given up, which a server that was stalled still works off', () => {
    // Well again after ten seconds, and busy with what had been piled up before it for 60 ms more.
    const [outage] = fullOf(trouble({ from: 9000, to: 19_060, how: 'stall' }))
    expect(outage?.length.min).toBeLessThanOrEqual(10_000)
    expect(outage?.length.min).toBeGreaterThan(9600)
    expect(outage?.length.max).toBeGreaterThanOrEqual(10_060)
  })

  describe('a server that wakes, and works off all that was asked of it meanwhile', () => {
    /**
     * It sleeps for ten seconds from 9,000 ms on, and then takes `paceMs` for each call, in their order, whether anybody still waits for it or not. No
     * more than `queue` of them wait before it meanwhile: of others the packets are lost, and sent again a second later.
     */
    const awake = ({ paceMs = 0.04, rate = 200, queue = Infinity }): Outage | undefined => {
      const history = historyOf({ rate })
      const lanes = history.lanes.map((lane) => {
        if (lane.header.purpose !== 'callers') return lane
        const { t0, deadlineMs } = lane.header
        const [latencyUs, errorClass] = [lane.latencyUs.slice(), lane.errorClass.slice()]
        let [freeAt, queued] = [19_000, 0]
        lane.latencyUs.forEach((usualUs, i) => {
          const [at, wayMs] = [t0 + (i * 1000) / rate, usualUs / 2000]
          if (at + 2 * wayMs < 9000) return
          let tookMs = Infinity
          if (at + wayMs >= 19_000 || queued < queue) {
            queued += 1
            freeAt = Math.max(freeAt, at + wayMs) + paceMs
            tookMs = freeAt + wayMs - at
          } else if (at + wayMs + 1000 >= 19_000) tookMs = Math.max(1000 + wayMs, 19_000 + queue * paceMs - at) + wayMs
          latencyUs[i] = Math.min(tookMs, deadlineMs) * 1000
          errorClass[i] = tookMs < deadlineMs ? 0 : GIVEN_UP
        })
        return { ...lane, latencyUs, errorClass }
      })
      const { lanes: analysed } = analyse({ ...history, lanes })
      return analysed.find(({ lane }) => lane === 'kept-alive')?.outages[0]
    }

    test('was well again before its first answer, by what it needed for them at the pace of its answers', () => {
      // 64 ms.
      expect(Math.abs((awake({})?.length.point ?? 0) - 10_000)).toBeLessThanOrEqual(8)
    })

    test('needed nothing for calls that it may never have had, where its answers come as seldom as from others', () => {
      expect(awake({ paceMs: 0.3, rate: 100 })?.length.point).toBeGreaterThan(10_000 + 0.3 * 800 - 10)
    })

    test('took no new ones while its queue was full: it was well again between the last that was dropped and its first answer', () => {
      // 511 calls take it 20 ms, in which four more come and wait.
      const { length } = awake({ queue: 511 }) as Outage
      expect(Math.abs(length.point - 10_000)).toBeLessThanOrEqual(14)
      expect(length.min).toBeLessThanOrEqual(10_000)
      expect(length.max).toBeGreaterThanOrEqual(10_000)
    })
  })

  test('one lane out while the other is served is that lane’s outage alone', () => {
    const spec = trouble({ from: 9000, to: 9500, how: 'refused', lanes: ['new-connections'] })
    expect(fullOf(spec, 'kept-alive')).toEqual([])
    expect(fullOf(spec, 'new-connections')).toHaveLength(1)
  })

  test('a stall of the generator’s own is none', () => {
    expect(fullOf(trouble({ from: 9000, to: 9120, how: 'own-stall' }))).toEqual([])
  })

  test('a stall of the generator’s own inside an outage widens its lower bound', () => {
    const [outage] = fullOf(
      trouble({ from: 9000, to: 9500, how: 'refused' }, { from: 9200, to: 9240, how: 'own-stall' }),
    )
    expect(outage?.ownStallMs).toBeCloseTo(40, 0)
    expect(outage?.length.min).toBeLessThan(455)
    expect(outage?.length.max).toBeGreaterThanOrEqual(500)
  })

  test.each(['refused', 'stall'] as const)('calls %s: the point is as often too long as too short', (how) => {
    const errors = Array.from({ length: 20 }, (_, i) => {
      const from = 9000 + i / 4
      return (
        (fullOf({ ...trouble({ from, to: from + 101.5, how }), seconds: 12 })[0]?.length.point ?? Number.NaN) - 101.5
      )
    })
    expect(Math.abs(errors.reduce((sum, each) => sum + each, 0) / errors.length)).toBeLessThan(1)
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(5)
  })

  describe('what the generator slept of an outage', () => {
    const pointOf = (...each: readonly Trouble[]): number => fullOf(trouble(...each))[0]?.length.point ?? Number.NaN
    const asleep = { from: 9200, to: 9240, how: 'own-stall' } as const

    test('belongs to it where a call waited all the while', () => {
      expect(Math.abs(pointOf({ from: 9000, to: 9500, how: 'stall' }, asleep) - 500)).toBeLessThanOrEqual(5)
    })

    test('belongs to it where calls failed before and after', () => {
      expect(Math.abs(pointOf({ from: 9000, to: 9500, how: 'refused' }, asleep) - 500)).toBeLessThanOrEqual(5)
    })

    test('belongs to it by half where answers may have lain there as it woke, or calls failed before it only', () => {
      const points = [
        pointOf({ from: 9000, to: 9230, how: 'stall' }, asleep),
        pointOf({ from: 9000, to: 9200, how: 'refused' }, asleep),
        pointOf({ from: 9200, to: 9400, how: 'refused' }, asleep),
      ]
      for (const [i, middle] of [220, 220, 180].entries()) expect(points[i]).toBeCloseTo(middle, -1)
    })
  })

  test('late sending without a stall on record is none', () => {
    expect(fullOf(trouble({ from: 9000, to: 9100, how: 'late', slowMs: 40 }))).toEqual([])
  })

  test('a generator that stood still without saying so had none either: its calls were answered as soon as they were sent', () => {
    const alone = { lanes: [{ lane: 'kept-alive', purpose: 'callers' }], without: ['generator-stall'] } as const
    expect(fullOf({ ...alone, trouble: [{ from: 9000, to: 9090, how: 'own-stall' }] })).toEqual([])
  })

  test('rows that nobody recorded do not lengthen one', () => {
    const found = fullOf(
      trouble(
        { from: 9000, to: 9100, how: 'refused' },
        { from: 9100, to: 9600, how: 'lost-row' },
        { from: 9600, to: 9700, how: 'refused' },
      ),
    )
    expect(found.map((outage) => Math.round(outage.length.point / 100))).toEqual([1, 1])
  })

  test('an outage of whose middle nobody recorded calls may have gone on all the while: the bounds of either part say so', () => {
    const found = fullOf(
      trouble({ from: 9300, to: 10_200, how: 'lost-row' }, { from: 9000, to: 10_500, how: 'refused' }),
    )
    expect(found.map(({ length }) => length.min < 300 && length.max >= 1500)).toEqual([true, true])
  })

  test('rows that nobody recorded are none', () => {
    expect(fullOf(trouble({ from: 9000, to: 9500, how: 'lost-row' }))).toEqual([])
  })

  test('calls that the cap held back amid an outage count as lost in it', () => {
    const spec = trouble(
      { from: 9000, to: 9100, how: 'refused' },
      { from: 9100, to: 9500, how: 'shed' },
      { from: 9500, to: 9520, how: 'refused' },
    )
    const [outage] = fullOf(spec)
    expect(outage?.lost).toBe(104)
    expect(laneOf(spec).judged?.lost).toBe(104)
  })

  test('they are lost in one as well whose other calls were all answered in the end: it is no mere stall', () => {
    const shed = { from: 9150, to: 10_500, how: 'shed', share: 0.9 } as const
    const [outage] = fullOf(trouble(shed, { from: 9000, to: 10_500, how: 'stall' }))
    expect(outage?.nature).toBe('hard')
    expect(outage?.lost).toBeGreaterThan(230)
    expect(outage?.length.point).toBeCloseTo(1500, -1)
  })

  test('and are no witnesses: while the machine stood still the cap closes too', () => {
    const lanes = ['kept-alive', 'new-connections', 'control']
    const spec = trouble(
      { from: 9150, to: 10_500, how: 'shed', share: 0.9 },
      { from: 9000, to: 10_500, how: 'stall', lanes },
    )
    expect(fullOf(spec)).toEqual([])
    expect(whyOf(spec)).toMatch(/the control lane, which passes no gateway, was not answered for 1\.5 s of that/)
  })

  test('and count as waiting until their deadline: the longer everybody waits, the fewer calls are sent', () => {
    const spec = trouble(
      { from: 9000, to: 9050, how: 'refused' },
      { from: 9050, to: 9650, how: 'shed' },
      { from: 9650, to: 9700, how: 'refused' },
    )
    const { judged, phases } = laneOf(spec)
    expect(judged?.latency?.p99).toBeGreaterThan(1990)
    expect(phases.find(({ phase }) => phase === 'disturbed')?.latency?.p99).toBeGreaterThan(1990)
    expect(phases.find(({ phase }) => phase === 'steady')?.latency?.p99).toBeLessThan(5)
  })

  test('an outage at which the record ends is censored', () => {
    expect(fullOf(trouble({ from: 29_000, to: 40_000, how: 'refused' }))).toEqual([
      expect.objectContaining({ censored: true }),
    ])
  })

  /** Why kept-alive calls were not answered, where that is doubtful. */
  const whyOf = (spec: HistorySpec): string | undefined =>
    analyse(historyOf(spec)).doubts.find(({ because }) => because.startsWith('Lane kept-alive was not answered'))
      ?.because

  test('a gap in which the control lane stood still too is the machine’s', () => {
    const stalled = trouble({ from: 9000, to: 9300, how: 'stall', lanes: ['kept-alive', 'new-connections', 'control'] })
    expect(fullOf(stalled)).toEqual([])
    expect(whyOf(stalled)).toMatch(/the control lane, which passes no gateway, was not answered for 30\d ms of that/)
  })

  test('a gap in which the generator stood still is the machine’s, and said to be', () => {
    const stalled = trouble({ from: 9000, to: 9300, how: 'stall' }, { from: 9000, to: 9220, how: 'own-stall' })
    expect(fullOf(stalled)).toEqual([])
    expect(whyOf(stalled)).toMatch(/the generator stood still for 220 ms of that/)
  })

  test('a stall of 106 ms in which no processor was to be had is the machine’s, and doubt', () => {
    const stalled = trouble({ from: 9000, to: 9106, how: 'stall', lanes: ['kept-alive', 'new-connections'] })
    const events = [{ kind: 'processors-short', at: 9120, since: 8990, share: 1 }] as const
    expect(fullOf(stalled)).not.toEqual([])
    expect(fullOf({ ...stalled, events })).toEqual([])
    expect(whyOf({ ...stalled, events })).toMatch(/there was no processor to be had for 1\d\d ms of that/)
  })

  test('a stall of 106 ms in which processors were to be had half of the time is an outage', () => {
    const stalled = trouble({ from: 9000, to: 9106, how: 'stall', lanes: ['kept-alive', 'new-connections'] })
    const events = [{ kind: 'processors-short', at: 9120, since: 8990, share: 0.5 }] as const
    expect(fullOf({ ...stalled, events })).not.toEqual([])
  })

  test('and is the machine’s where that is half of two processors: one process may have had none all the while', () => {
    const stalled = trouble({ from: 9000, to: 9106, how: 'stall', lanes: ['kept-alive', 'new-connections'] })
    const short = { kind: 'processors-short', at: 9120, since: 8990, share: 0.5, processors: 2 } as const
    expect(fullOf({ ...stalled, events: [short] })).toEqual([])
    expect(whyOf({ ...stalled, events: [short] })).toMatch(/there was no processor to be had for 1\d\d ms of that/)
    expect(fullOf({ ...stalled, events: [{ ...short, share: 0.3 }] })).not.toEqual([])
  })

  /** One look after another, each of which says that somebody waited for this share of the 25 ms since the last. */
  const scarce = (share: number): readonly Event[] =>
    Array.from({ length: 6 }, (_, i) => ({
      kind: 'processors-short',
      since: 8985 + 25 * i,
      at: 9010 + 25 * i,
      share,
    }))

  test('of a stall of 95 ms no more is certain than what nobody waited for a processor: where that is below the floor it is the machine’s, and doubt', () => {
    const rate = 100
    const stalled = {
      rate,
      ...trouble({ from: 9000, to: 9095, how: 'stall', lanes: ['kept-alive', 'new-connections'] }),
    }
    const [alone] = fullOf(stalled)
    expect(alone?.length.min).toBeGreaterThan(60)
    expect(fullOf({ ...stalled, events: scarce(0.6) })).toEqual([])
    expect(whyOf({ ...stalled, events: scarce(0.6) })).toMatch(
      /somebody may have waited for a processor for 7\d ms of that: it was the machine/,
    )
  })

  test('and where it is above, it is an outage with that for its lower bound', () => {
    const stalled = trouble({ from: 9000, to: 9095, how: 'stall', lanes: ['kept-alive', 'new-connections'] })
    const [found] = fullOf({ ...stalled, events: scarce(0.5) })
    expect(found?.length.min).toBeGreaterThan(20)
    expect(found?.length.min).toBeLessThan(45)
  })

  test('a stall that lies where nobody could look for a processor’s want, and there was enough of that for it, is the machine’s', () => {
    const stalled = trouble({ from: 9000, to: 9106, how: 'stall', lanes: ['kept-alive', 'new-connections'] })
    const blurred = (share: number) => [{ kind: 'processors-short', at: 9220, since: 8990, share }] as const
    expect(fullOf({ ...stalled, events: blurred(0.6) })).toEqual([])
    expect(fullOf({ ...stalled, events: blurred(0.4) })).toEqual([])
    expect(fullOf({ ...stalled, events: blurred(0.35) })).not.toEqual([])
  })

  test('a stall of 300 ms, or calls that were lost, are an outage however busy the machine was', () => {
    const events = [{ kind: 'processors-short', at: 9400, since: 8900, share: 1 }] as const
    expect(fullOf({ ...trouble({ from: 9000, to: 9300, how: 'stall' }), events })).not.toEqual([])
    expect(fullOf({ ...trouble({ from: 9000, to: 9106, how: 'refused' }), events })).not.toEqual([])
  })

  describe('a stall of 400 ms', () => {
    const lanes = ['kept-alive', 'new-connections']
    const stalled = trouble({ from: 9000, to: 9400, how: 'stall', lanes })
    const GATEWAYS = ['data-plane-1', 'data-plane-2', 'data-plane-3']
    /** Told by one look at its end, as a wait is counted when it is over: all its threads', and those of them that serve. */
    const waited = (names: readonly string[], ms: number, firstMs = ms): readonly Event[] => [
      {
        kind: 'processors-short',
        since: 9380,
        at: 9405,
        share: 1,
        waited: Object.fromEntries(names.map((name) => [name, [ms, 9000, firstMs] as const])),
      },
    ]

    test('in which every gateway that answered then had no processor, by name, is the machine’s', () => {
      const events = waited(GATEWAYS, 395)
      expect(fullOf({ ...stalled, events })).toEqual([])
      expect(whyOf({ ...stalled, events })).toMatch(
        /no processor to be had for 39\d ms of that on the way of calls to data-plane-1 and data-plane-2 and data-plane-3, who answered then/,
      )
    })

    test('or somebody whom all of them pass', () => {
      expect(fullOf({ ...stalled, events: waited(['load-balancer-callers'], 395) })).toEqual([])
    })

    test('is an outage where one of them was not kept waiting', () => {
      expect(fullOf({ ...stalled, events: waited(GATEWAYS.slice(1), 395) })).not.toEqual([])
    })

    test('or where the threads that waited are not those that serve: what hangs waits for no processor', () => {
      expect(fullOf({ ...stalled, events: waited(GATEWAYS, 800, 0) })).not.toEqual([])
      expect(fullOf({ ...stalled, events: waited(GATEWAYS, 395, 200) })).not.toEqual([])
    })

    test('or where two of them waited half of the time each', () => {
      const events = waited([...GATEWAYS, 'load-balancer-callers', 'upstream-1'], 200)
      expect(fullOf({ ...stalled, events })).not.toEqual([])
    })

    test('or where somebody waited whom no call passes, or nobody knows who', () => {
      expect(fullOf({ ...stalled, events: waited(['control-plane-1'], 395) })).not.toEqual([])
      const [short] = waited([], 0)
      const { waited: _, ...unnamed } = short as EventOf<'processors-short'>
      expect(fullOf({ ...stalled, events: [{ ...unnamed, since: 9000 }] })).not.toEqual([])
    })

    test('is told of a Dashboard as it was, whoever waited: its limit is in seconds, and what it lacked is weighed there', () => {
      const spec = {
        lanes: [...ALL_LANES, { lane: 'dashboard', purpose: 'dashboard' }],
        ...trouble({ from: 9000, to: 9400, how: 'stall', lanes: ['dashboard'] }),
      } as const
      const events = waited(['load-balancer-control', 'database-1'], 395)
      const told = analyse(historyOf({ ...spec, events })).lanes.find(({ lane }) => lane === 'dashboard')
      expect(told?.outages).toMatchObject([{ kind: 'full', nature: 'stall' }])
      expect(analyse(historyOf({ ...spec, events })).doubts).toEqual([])
    })

    test('or where calls were lost', () => {
      for (const to of [9253, 9400]) {
        const lost = trouble({ from: 9000, to, how: 'refused', lanes })
        expect(fullOf({ ...lost, events: waited(GATEWAYS, 395) })).not.toEqual([])
      }
    })
  })

  test('a short stall of the machine in a long outage does not hide it', () => {
    const found = fullOf(
      trouble({ from: 9000, to: 10_000, how: 'refused' }, { from: 9100, to: 9130, how: 'stall', lanes: ['control'] }),
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.length.min).toBeLessThan(970)
  })

  test('a standstill of the machine in its middle does not hide a long outage either: seconds of it are certain', () => {
    const found = fullOf(
      trouble({ from: 9000, to: 20_000, how: 'refused' }, { from: 11_500, to: 17_500, how: 'own-stall' }),
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.length.min).toBeGreaterThan(4500)
    expect(found[0]?.length.min).toBeLessThan(5000)
  })

  test.each([
    [26, /but the generator stood still for 260 ms of that/],
    [29, /but the generator stood still again and again, for 290 ms of that/],
  ])('ten stalls of the generator of %i ms that cover a long gap leave doubt', (lengthMs, why) => {
    const own = Array.from(
      { length: 10 },
      (_, i): Trouble => ({ from: 9000 + 30 * i, to: 9000 + lengthMs + 30 * i, how: 'own-stall' }),
    )
    const spec = trouble({ from: 9000, to: 9300, how: 'stall' }, ...own)
    expect(fullOf(spec)).toEqual([])
    expect(whyOf(spec)).toMatch(why)
  })

  test('stalls of the generator hide no outage of a lane that met a slow node by chance, where others were answered all along', () => {
    const slow = { how: 'slow', slowMs: 300 } as const
    const own = [8249, 8274, 8299].map((from): Trouble => ({ from, to: from + 20, how: 'own-stall' }))
    const inARow = (...lanes: readonly string[]): Trouble => ({ ...slow, from: 8255, to: 8320, lanes })
    const half: Trouble = { ...slow, from: 8020, to: 8380, share: 0.5 }
    const doubted = (...more: readonly Trouble[]): readonly (string | undefined)[] =>
      analyse(historyOf(trouble(...more, ...own))).doubts.map(({ lane }) => lane)
    expect(doubted(inARow('kept-alive'), half)).toEqual([])
    expect(doubted(inARow('kept-alive'))).toEqual(['kept-alive'])
    expect(doubted(inARow('kept-alive', 'new-connections'), half)).toEqual(['kept-alive', 'new-connections'])
  })

  test.each(['refused', 'stall'] as const)('ordinary slow calls explain none that is %s', (how) => {
    const slow = { how: 'slow', slowMs: 98, share: 0.4 } as const
    // None that is under way as it begins: whoever is answered then is answered.
    const mixed: readonly Trouble[] = [
      { ...slow, from: 0, to: 8890 },
      { ...slow, from: 9000, to: 30_000 },
    ]
    expect(fullOf({ rate: 100, trouble: [{ from: 9000, to: 9150, how }, ...mixed] })).toHaveLength(1)
    expect(fullOf({ rate: 100, trouble: mixed })).toEqual([])
  })

  describe('where one gateway paused in steady state', () => {
    const paused: Trouble = { from: 4000, to: 4300, how: 'stall', node: 'data-plane-1' }

    test('a stall of all of them that is no longer is an outage', () => {
      expect(fullOf(trouble(paused, { from: 9000, to: 9280, how: 'stall' }))).toHaveLength(1)
    })

    test('one that a control call nearby may explain is doubt, and not nothing', () => {
      const busy: Trouble = { from: 9240, to: 9245, how: 'slow', slowMs: 12, lanes: ['control'] }
      const spec = trouble(paused, { from: 9000, to: 9280, how: 'stall' }, busy)
      expect(fullOf(spec)).toEqual([])
      expect(analyse(historyOf(spec)).doubts).toContainEqual(
        expect.objectContaining({ lane: 'kept-alive', about: 'stall' }),
      )
    })
  })

  test('a stall of 40 ms near which a control call took 12 ms is the machine’s, which was busy', () => {
    // One call, soon after the stall: nothing of the stall itself is covered by it.
    const busy: Trouble = { from: 9049, to: 9054, how: 'slow', slowMs: 12, lanes: ['control'] }
    expect(fullOf(trouble({ from: 9000, to: 9040, how: 'stall' }, busy))).toEqual([])
    expect(fullOf(trouble({ from: 9000, to: 9040, how: 'stall' }))).toHaveLength(1)
  })

  test('a stall of 12 ms at 500 calls a second is not told from noise: six calls were out', () => {
    expect(fullOf({ rate: 500, seconds: 20, trouble: [{ from: 9000, to: 9012, how: 'stall' }] })).toEqual([])
  })

  describe('at 1,000 calls a second', () => {
    const dense = (...more: readonly Trouble[]): HistorySpec => ({
      rate: 1000,
      seconds: 20,
      trouble: [{ from: 9000, to: 9011, how: 'stall' }, ...more],
    })

    test('a stall of 11 ms is an outage: ten calls were out, and the machine was quiet', () => {
      expect(fullOf(dense())).toEqual([expect.objectContaining({ nature: 'stall', lost: 0 })])
    })

    test('it is one also where one call in a thousand takes as long as most of those that waited', () => {
      const spec = dense({ from: 5000, to: 5060, how: 'slow', slowMs: 6, share: 0.3 })
      expect(fullOf(spec)).toEqual([expect.objectContaining({ nature: 'stall', lost: 0 })])
    })

    test('a gap that is above the floor only by what the generator slept of it is none', () => {
      const spec = { rate: 1000, seconds: 20, trouble: [{ from: 9000, to: 9006, how: 'refused' }] } as const
      const asleep = { from: 9006, to: 9011, how: 'own-stall' } as const
      expect(fullOf({ ...spec, trouble: [...spec.trouble, asleep] })).toEqual([])
    })

    test('it is none where a control call nearby took 6 ms', () => {
      expect(fullOf(dense({ from: 9040, to: 9041, how: 'slow', slowMs: 6, lanes: ['control'] }))).toEqual([])
    })

    test('it is none where no control lane says how the machine was', () => {
      expect(fullOf({ ...dense(), lanes: [{ lane: 'kept-alive', purpose: 'callers' }] })).toEqual([])
    })
  })

  test('the floor is three intervals where the steady state is quiet', () => {
    expect(laneOf({}).floorMs).toBe(15)
    expect(laneOf({ rate: 1000, seconds: 24 }).floorMs).toBe(10)
  })

  test('the floor is the longest gap of the steady state where that is longer', () => {
    expect(laneOf(trouble({ from: 4000, to: 4035, how: 'stall', lanes: ['kept-alive'] })).floorMs).toBeGreaterThan(35)
  })

  test('a slow first second of a lane does not raise the floor', () => {
    expect(laneOf(trouble({ from: 200, to: 290, how: 'stall' })).floorMs).toBe(15)
  })

  describe('what failed at its beginning, or was answered long after the rest, does not shorten one whose calls waited to its end', () => {
    const drawn = (how: Trouble['how'], cutMs: number, lengthMs: number): Outage | undefined =>
      fullOf(
        trouble({ from: 9000, to: 9000 + cutMs, how }, { from: 9000 + cutMs, to: 9000 + lengthMs, how: 'stall' }),
      )[0]

    test.each([
      ['closed', 20, 500],
      ['wrong', 50, 4000],
      ['refused', 480, 500],
    ] as const)(
      'calls are %s for %i ms, and whoever calls then is answered %i ms after the first of them',
      (how, cutMs, lengthMs) => {
        const { length } = drawn(how, cutMs, lengthMs) as Outage
        expect(Math.abs(length.point - lengthMs)).toBeLessThanOrEqual(10)
        expect(length.max).toBeGreaterThanOrEqual(lengthMs)
        // Up to the deadline everybody waits; whoever was given up may have been so while the rest was worked off.
        expect(length.min).toBeGreaterThan(0.95 * lengthMs - 20)
        expect(length.min).toBeLessThanOrEqual(lengthMs)
      },
    )

    test('a call is answered 150 ms after all others that waited', () => {
      const again = { from: 9000, to: 9006, how: 'slow', slowMs: 650 } as const
      const [outage] = fullOf(trouble(again, { from: 9006, to: 9500, how: 'stall' }))
      expect(Math.abs((outage?.length.point ?? 0) - 500)).toBeLessThanOrEqual(10)
      expect(outage?.length.min).toBeGreaterThan(480)
    })

    test('and what the generator slept after the last that failed belongs to it, where a call waited all the while', () => {
      const asleep = { from: 9200, to: 9240, how: 'own-stall' } as const
      const [outage] = fullOf(
        trouble({ from: 9000, to: 9050, how: 'refused' }, { from: 9050, to: 9500, how: 'stall' }, asleep),
      )
      expect(Math.abs((outage?.length.point ?? 0) - 500)).toBeLessThanOrEqual(10)
    })
  })

  test('the bounds contain the truth for outages of many shapes, and the point is off by at most two intervals', () => {
    const shape = fc.record({
      from: fc.double({ min: 8100, max: 8900, noNaN: true }),
      lengthMs: fc.double({ min: 40, max: 1500, noNaN: true }),
      hows: fc.constantFrom<readonly Trouble['how'][]>(
        ['refused'],
        ['wrong'],
        ['unanswered'],
        ['stall'],
        // As failovers go: calls under way are cut, and the next ones wait for the successor.
        ['closed', 'stall'],
      ),
      rate: fc.constantFrom(200, 500),
      seed: fc.integer({ min: 1, max: 1000 }),
    })
    fc.assert(
      fc.property(shape, ({ from, lengthMs, hows: [first = 'stall', then], rate, seed }) => {
        const cut: Trouble = { from, to: from + (then ? 20 : lengthMs), how: first }
        const rest: Trouble = { from: cut.to, to: from + lengthMs, how: then ?? first }
        const found = fullOf({ rate, seed, seconds: 16, trouble: [cut, rest] })
        expect(found).toHaveLength(1)
        const { length } = found[0] as Outage
        expect(length.min).toBeLessThanOrEqual(lengthMs)
        expect(length.max).toBeGreaterThanOrEqual(lengthMs)
        expect(Math.abs(length.point - lengthMs)).toBeLessThanOrEqual(2000 / rate + 2)
      }),
      { numRuns: 75 },
    )
  })
})
