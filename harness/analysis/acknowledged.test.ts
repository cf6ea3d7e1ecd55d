import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { storeOf } from './acknowledged.fixture.ts'
import { anomaliesOf, lostInStore, type Sight, type Write } from './acknowledged.ts'

const LIMITS = { staleMs: 500, end: 10_000, lookedAtLast: new Set(['g1', 'g2', 'g3']), kept: {} }

const write = (id: string, sentAt: number, more: Partial<Write> = {}): Write => ({
  id,
  key: 'orders',
  value: id,
  sentAt,
  endedAt: sentAt + 10,
  outcome: 'accepted',
  ...more,
})

const UNKNOWN = { outcome: 'unknown', endedAt: null } as const
const DELETED = { value: null } as const

/** What one gateway showed, each until the next. */
const shown = (...values: readonly (readonly [from: number, value: string | null])[]): readonly Sight[] =>
  by('g1', values)

const by = (node: string, values: readonly (readonly [from: number, value: string | null])[]): readonly Sight[] =>
  values.map(([from, value], i) => ({ node, key: 'orders', value, from, to: (values[i + 1]?.[0] ?? 10_020) - 20 }))

const told = (writes: readonly Write[], sights: readonly Sight[]): readonly string[] =>
  anomaliesOf(writes, sights, LIMITS).map(({ kind, write: of, at }) => `${kind} ${of ?? '-'} at ${at}`)

describe('what gateways may show', () => {
  test.each<[string, readonly Write[], readonly Sight[]]>([
    ['each write for as long as it is the last', [write('a', 1000), write('b', 2000)], shown([1050, 'a'], [2050, 'b'])],
    ['only the last of several', [write('a', 1000), write('b', 1050)], shown([0, null], [1100, 'b'])],
    [
      'nothing of a key that was deleted',
      [write('a', 1000), write('d', 2000, DELETED)],
      shown([1050, 'a'], [2050, null]),
    ],
    [
      'nothing of a key that is deleted again and again',
      [write('a', 1000), write('d', 1020, DELETED)],
      shown([0, null]),
    ],
    ['an old value for a while', [write('a', 1000), write('b', 2000)], shown([1050, 'a'], [2400, 'b'])],
    ['a write that nobody answered', [write('a', 1000), write('u', 2000, UNKNOWN)], shown([1050, 'a'], [2050, 'u'])],
    ['such a write long after', [write('a', 1000), write('u', 2000, UNKNOWN)], shown([1050, 'a'], [8000, 'u'])],
    [
      'such a write after another was taken',
      [write('u', 1000, UNKNOWN), write('b', 2000)],
      shown([2050, 'b'], [3000, 'u']),
    ],
    ['nothing of such a write', [write('a', 1000), write('u', 2000, UNKNOWN)], shown([1050, 'a'])],
    [
      'nothing where a delete was not answered',
      [write('a', 1000), write('d', 2000, { ...DELETED, ...UNKNOWN })],
      shown([1050, 'a'], [5000, null]),
    ],
    [
      'nothing of what nobody answered, nor of what a delete took that came after',
      [write('u', 1000, UNKNOWN), write('a', 1100), write('d', 1200, DELETED)],
      shown([1050, 'u'], [1250, null], [1300, 'a'], [1320, null]),
    ],
    [
      'nothing of what a delete took that nobody answered, and that came after it, though another was taken by then',
      [write('d', 1000, { ...DELETED, ...UNKNOWN }), write('a', 1100), write('b', 1200), write('e', 1300, DELETED)],
      shown([1150, 'a'], [1310, null], [1330, 'b'], [1350, null]),
    ],
  ])('%s', (_, writes, sights) => {
    expect(told(writes, sights)).toEqual([])
  })
})

describe('what they may not', () => {
  test.each<[string, readonly Write[], readonly Sight[], string]>([
    ['an accepted write is never shown', [write('a', 1000), write('b', 2000)], shown([1050, 'a']), 'lost b at 10000'],
    ['an accepted write goes', [write('a', 1000)], shown([1050, 'a'], [4000, null]), 'lost a at 4000'],
    [
      'a replaced one is shown again',
      [write('a', 1000), write('b', 2000)],
      shown([1050, 'a'], [2050, 'b'], [4000, 'a'], [4100, 'b']),
      'resurrected a at 4000',
    ],
    [
      'a replaced one is shown for the first time',
      [write('a', 1000), write('b', 2000)],
      shown([0, null], [2050, 'b'], [3000, 'a'], [3100, 'b']),
      'resurrected a at 3000',
    ],
    [
      'a deleted one is shown again',
      [write('a', 1000), write('d', 2000, DELETED)],
      shown([1050, 'a'], [2050, null], [4000, 'a'], [4100, null]),
      'resurrected a at 4000',
    ],
    [
      'one that nobody answered is carried out twice',
      [write('u', 1000, UNKNOWN), write('b', 2000)],
      shown([1050, 'u'], [2050, 'b'], [4000, 'u']),
      'applied-twice u at 4000',
    ],
    [
      'a replaced one is shown too long',
      [write('a', 1000), write('b', 2000)],
      shown([1050, 'a'], [3000, 'b']),
      'stale a at 2510',
    ],
    ['a new one is not shown for too long', [write('a', 1000)], shown([0, null], [3000, 'a']), 'stale - at 1510'],
    [
      'what was never acknowledged was served, and is gone',
      [write('a', 1000), write('u', 2000, UNKNOWN)],
      shown([1050, 'a'], [2050, 'u'], [3000, 'a']),
      'vanished u at 3000',
    ],
    [
      'a delete that was never acknowledged was served, and is gone',
      [write('a', 1000), write('d', 2000, { ...DELETED, ...UNKNOWN })],
      shown([1050, 'a'], [2050, null], [3000, 'a']),
      'vanished d at 3000',
    ],
    [
      'such a delete is gone together with such a write before it',
      [write('a', 1000), write('u', 2000, UNKNOWN), write('d', 3000, { ...DELETED, ...UNKNOWN })],
      shown([1050, 'a'], [2050, 'u'], [3050, null], [4000, 'a']),
      'vanished d at 4000',
    ],
    [
      'such a delete is gone, and what was shown before was never acknowledged either',
      [write('u', 2000, UNKNOWN), write('d', 3000, { ...DELETED, ...UNKNOWN })],
      shown([2050, 'u'], [3050, null], [4000, 'u']),
      'vanished d at 4000',
    ],
    [
      'such a delete is gone before one that was accepted',
      [write('a', 1000), write('d', 2000, { ...DELETED, ...UNKNOWN }), write('e', 3200, DELETED)],
      shown([1050, 'a'], [2050, null], [3000, 'a'], [3250, null]),
      'vanished d at 3000',
    ],
    [
      'what was never acknowledged was served after a delete, and is gone',
      [write('a', 1000), write('d', 2000, DELETED), write('u', 3000, UNKNOWN)],
      shown([1050, 'a'], [2050, null], [3050, 'u'], [4000, null]),
      'vanished u at 4000',
    ],
    [
      'it is gone after a delete that nobody saw',
      [write('a', 1000), write('d', 2000, DELETED), write('u', 2100, UNKNOWN)],
      shown([1050, 'a'], [2150, 'u'], [4000, null]),
      'vanished u at 4000',
    ],
    [
      'such a one was all there was',
      [write('u', 2000, UNKNOWN)],
      shown([0, null], [2050, 'u'], [3000, null]),
      'vanished u at 3000',
    ],
    ['nobody wrote it', [write('a', 1000)], shown([1050, 'a'], [2000, 'x'], [2100, 'a']), 'never-written - at 2000'],
    [
      'it was refused',
      [write('r', 1000, { outcome: 'refused' })],
      shown([0, null], [1050, 'r'], [1100, null]),
      'never-written - at 1050',
    ],
    ['it is shown before it was asked for', [write('a', 1000)], shown([900, 'a']), 'never-written - at 900'],
  ])('%s', (_, writes, sights, anomaly) => {
    expect(told(writes, sights)).toContain(anomaly)
  })

  test.each<[string, readonly Write[], readonly Sight[], readonly string[]]>([
    [
      'what was deleted before comes back with it',
      [write('a', 1000), write('d', 2000, DELETED), write('u', 3000, UNKNOWN)],
      shown([1050, 'a'], [2050, null], [3050, 'u'], [4000, null], [5000, 'a'], [5100, null]),
      ['vanished u at 4000', 'resurrected a at 5000'],
    ],
    [
      'it is a delete, and what was deleted before comes back with it',
      [
        write('a', 1000),
        write('d', 2000, DELETED),
        write('u', 3000, UNKNOWN),
        write('e', 4000, { ...DELETED, ...UNKNOWN }),
      ],
      shown([1050, 'a'], [2050, null], [3050, 'u'], [4050, null], [5000, 'a'], [5100, null]),
      ['resurrected a at 5000'],
    ],
    [
      'it is a delete, and another was accepted before',
      [write('a', 1000), write('d', 2000, DELETED), write('e', 3000, { ...DELETED, ...UNKNOWN })],
      shown([1050, 'a'], [2050, null], [4000, 'a'], [4100, null]),
      ['resurrected a at 4000'],
    ],
    [
      'what was accepted before it, and not seen, is gone too',
      [write('a', 1000), write('d', 2000, DELETED), write('b', 2100), write('u', 2200, UNKNOWN)],
      shown([1050, 'a'], [2050, null], [2250, 'u'], [4000, null], [4100, 'b']),
      ['lost u at 4000', 'vanished u at 4100'],
    ],
    [
      'what was there before that is shown again',
      [write('a', 1000), write('b', 2000), write('u', 2100, UNKNOWN)],
      shown([1050, 'a'], [2150, 'u'], [2300, 'a'], [2400, 'b']),
      ['resurrected a at 2300', 'vanished u at 2400'],
    ],
    [
      'it is a delete, and carried out once more',
      [write('a', 1000), write('d', 2000, { ...DELETED, ...UNKNOWN })],
      shown([1050, 'a'], [2050, null], [3000, 'a'], [4000, null], [5000, 'a']),
      ['vanished d at 3000', 'lost a at 4000'],
    ],
  ])('of what was never acknowledged more may not go than that: %s', (_, writes, sights, anomalies) => {
    expect(told(writes, sights)).toEqual(anomalies)
  })

  test('what is shown again after something that came back is told once', () => {
    const writes = [write('a', 1000), write('b', 2000)]
    expect(told(writes, shown([1050, 'a'], [2050, 'b'], [4000, 'a'], [4100, 'b']))).toEqual(['resurrected a at 4000'])
  })

  test('a gateway that comes back without a key that was made while it was out shows nothing of it for too long', () => {
    const writes = [write('a', 1000)]
    const back = (...values: readonly (readonly [number, string | null])[]): readonly Sight[] => [
      ...by('g1', [[1050, 'a']]),
      ...by('g2', values),
    ]
    expect(told(writes, back([4000, null], [6000, 'a']))).toEqual(['stale - at 4000'])
    expect(told(writes, back([4000, null]))).toEqual(['stale - at 4000', 'lost a at 10000'])
    expect(told(writes, back([4000, 'a']))).toEqual([])
    // What was deleted by then nobody misses.
    expect(
      told(
        [...writes, write('d', 3000, DELETED)],
        [
          ...by('g1', [
            [1050, 'a'],
            [3050, null],
          ]),
          ...by('g2', [[4000, null]]),
        ],
      ),
    ).toEqual([])
    const replaced = [...writes, write('b', 2000)]
    expect(
      told(replaced, [
        ...by('g1', [
          [1050, 'a'],
          [2050, 'b'],
        ]),
        ...by('g2', [
          [4000, 'a'],
          [6000, 'b'],
        ]),
      ]),
    ).toEqual(['stale a at 4000'])
  })

  test('a gateway that comes back with what was replaced meanwhile, or without a key that was made anew, shows it for too long', () => {
    const followed = by('g1', [
      [1050, 'a'],
      [2050, 'b'],
      [3050, 'c'],
    ])
    const away = (back: string | null): readonly Sight[] => [
      { node: 'g2', key: 'orders', value: 'a', from: 1050, to: 1500 },
      ...by('g2', [
        [5000, back],
        [8000, 'c'],
      ]),
    ]
    const writes = [write('a', 1000), write('b', 2000), write('c', 3000)]
    expect(told(writes, [...followed, ...away('b')])).toEqual(['stale b at 5000'])
    const deleted = [write('a', 1000), write('d', 2000, DELETED), write('c', 3000)]
    expect(told(deleted, away(null))).toEqual(['stale - at 5000'])
    // Who is back in time is not late.
    expect(told([write('a', 1000), write('b', 2000), write('c', 7500)], away('b'))).toEqual([])
  })

  test('a gateway that was not looked at any more when a write came due has not lost it, and nobody can say that it has it', () => {
    const writes = [write('a', 1000), write('b', 9100)]
    const left = by('g2', [[1050, 'a']]).map((sight) => ({ ...sight, to: 9550 }))
    expect(told(writes, left)).toEqual(['unsettled b at 10000'])
    const sights = [
      ...by('g1', [
        [1050, 'a'],
        [9150, 'b'],
      ]),
      ...left,
    ]
    expect(told(writes, sights)).toEqual(['unsettled b at 10000'])
  })

  test('gateways that show different values when all has been quiet disagree', () => {
    const writes = [write('a', 1000), write('u', 1500, UNKNOWN)]
    const sights = [
      ...by('g1', [[1050, 'a']]),
      ...by('g2', [
        [1050, 'a'],
        [1600, 'u'],
      ]),
    ]
    expect(told(writes, sights)).toEqual(['disagreement - at 10000'])
  })

  test('gateways that differ about a write that nobody answered, and need not agree yet, have not settled it', () => {
    const limits = { ...LIMITS, staleMs: 9000 }
    const settled = (writes: readonly Write[], [one, two]: readonly [string | null, string | null], more = {}) =>
      anomaliesOf(writes, [...by('g1', [[3000, one]]), ...by('g2', [[3000, two]])], { ...limits, ...more }).map(
        ({ kind, nodes, write: of }) => `${kind} ${of ?? '-'} at ${nodes}`,
      )
    const [a, u, d] = [write('a', 1500), write('u', 2000, UNKNOWN), write('d', 2000, { ...DELETED, ...UNKNOWN })]
    expect(settled([a, u], ['a', 'u'])).toEqual(['unsettled u at g1'])
    expect(settled([a, u], ['a', 'u'], { kept: { orders: 'a' } })).toEqual(['unsettled a at g2'])
    expect(settled([a, u], ['a', 'u'], { kept: { orders: null } })).toEqual(['unsettled - at g1,g2'])
    expect(settled([a, u], ['a', 'u'], { lookedAtLast: new Set(['g1']) })).toEqual([])
    expect(settled([a, u], ['u', 'u'])).toEqual([])
    // One may have been deleted, one may not.
    expect(settled([a, d], ['a', null])).toEqual(['unsettled d at g1'])
    expect(settled([write('b', 1500, DELETED), u], [null, 'u'])).toEqual(['unsettled u at g1'])
    // Carried out after what was asked for later.
    expect(settled([write('u', 1000, UNKNOWN), a], ['a', 'u'])).toEqual(['unsettled u at g1'])
  })

  test('gateways disagree also about a key of which nothing was accepted', () => {
    const differ = [...by('g1', [[0, null]]), ...by('g2', [[2050, 'u']])]
    expect(told([write('u', 2000, UNKNOWN)], differ)).toEqual(['disagreement - at 10000'])
    expect(told([write('u', 9600, UNKNOWN)], [...by('g1', [[0, null]]), ...by('g2', [[9650, 'u']])])).toEqual([
      'unsettled u at 10000',
    ])
  })

  test('a gateway that was not looked at any more when it had to agree does not disagree', () => {
    const writes = [write('a', 1000), write('u', 9300, UNKNOWN)]
    const left = by('g1', [[1050, 'a']]).map((sight) => ({ ...sight, to: 9700 }))
    const limits = { ...LIMITS, lookedAtLast: new Set(['g2']) }
    expect(anomaliesOf(writes, [...left, ...by('g2', [[9350, 'u']])], limits)).toEqual([])
  })

  test('what every gateway left out, though it showed what was written later, is lost however soon it is over', () => {
    const writes = [write('a', 9000), write('b', 9600), write('c', 9700, { key: 'other' })]
    const other = (from: number): Sight => ({ node: 'g1', key: 'other', value: 'c', from, to: 10_000 })
    expect(anomaliesOf(writes, [...shown([9050, 'a']), other(9800)], LIMITS)).toEqual([
      { kind: 'lost', key: 'orders', nodes: ['g1'], write: 'b', hadLater: true, at: 10_000 },
    ])
  })

  test('what was not shown when it was over, and had not to be yet, is unsettled: neither lost nor proven to be there', () => {
    const writes = [write('a', 9000), write('b', 9600)]
    expect(told(writes, shown([9050, 'a']))).toEqual(['unsettled b at 10000'])
    const oneOfTwo = [
      ...by('g1', [[9050, 'a']]),
      ...by('g2', [
        [9050, 'a'],
        [9650, 'b'],
      ]),
    ]
    expect(anomaliesOf(writes, oneOfTwo, LIMITS)).toEqual([
      { kind: 'unsettled', key: 'orders', nodes: ['g1'], write: 'b', at: 10_000 },
    ])
  })

  test('one gateway that lags to the end is stale where another is not, and never got what it should have', () => {
    const writes = [write('a', 1000), write('b', 2000)]
    const sights = [
      ...by('g1', [[1050, 'a']]),
      ...by('g2', [
        [1050, 'a'],
        [2050, 'b'],
      ]),
    ]
    expect(anomaliesOf(writes, sights, LIMITS)).toEqual([
      { kind: 'stale', key: 'orders', nodes: ['g1'], write: 'a', at: 2510 },
      { kind: 'lost', key: 'orders', nodes: ['g1'], write: 'b', at: 10_000 },
    ])
  })
})

describe('what the store itself says it has', () => {
  const writes = [write('a', 1000), write('b', 2000)]
  test.each<[string, readonly Write[], string | null, readonly string[]]>([
    ['the last that was accepted', writes, 'b', []],
    ['one that was replaced', writes, 'a', ['b']],
    ['nothing of what was set', writes, null, ['b']],
    ['nothing of what was deleted', [...writes, write('d', 3000, DELETED)], null, []],
    ['what was deleted', [...writes, write('d', 3000, DELETED)], 'b', ['d']],
    ['a write that nobody answered', [...writes, write('u', 3000, UNKNOWN)], 'u', []],
    ['nothing, where a delete was not answered', [...writes, write('d', 3000, { ...DELETED, ...UNKNOWN })], null, []],
  ])('%s', (_, all, value, lost) => {
    expect(lostInStore(all, [], { orders: value }, 10_000).map((each) => each.write)).toEqual(lost)
  })

  test('what was acknowledged after a write that nobody answered is lost where the store has that one, if it was shown before', () => {
    const all = [...writes, write('u', 3000, UNKNOWN), write('c', 4000)]
    const lost = (sights: readonly Sight[]) =>
      lostInStore(all, sights, { orders: 'u' }, 10_000).map((each) => each.write)
    expect(lost(shown([3050, 'u'], [4050, 'c']))).toEqual(['c'])
    expect(lost(shown([4050, 'c']))).toEqual([])
    expect(lost([{ node: 'g1', key: 'other', value: 'u', from: 3050, to: 10_000 }])).toEqual([])
  })

  test('says nothing of a key that it was not asked for', () => {
    expect(lostInStore(writes, [], {}, 10_000)).toEqual([])
  })
})

describe('of a store in memory', () => {
  const NODES = new Set(['gateway-1', 'gateway-2', 'gateway-3'])

  test('that does what it was asked, in order, nothing is ever told', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 80 }), (seed, count) => {
        const { writes, sights, end } = storeOf({ seed, writes: count })
        for (const staleMs of [300, 60_000])
          expect(anomaliesOf(writes, sights, { ...LIMITS, lookedAtLast: NODES, staleMs, end })).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('that forgets only what nobody was promised, nothing is told but that it vanished', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 20 }), (seed, count) => {
        const { writes, sights, end } = storeOf({ seed, writes: count, unknownShare: 0.5, failsOver: true })
        const found = anomaliesOf(writes, sights, { ...LIMITS, lookedAtLast: NODES, staleMs: 300, end })
        expect(found.filter(({ kind }) => kind !== 'vanished')).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ['never', 'lost'],
    ['forget', 'lost'],
    ['twice', 'lost'],
  ] as const)('that does %s what it acknowledged, a write is told to be %s', (harm, kind) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const { writes, sights, end } = storeOf({ seed, writes: 30, keys: 1, unknownShare: 0, harm })
        const victim = writes.findLast(({ value }) => value !== null)
        // A delete that came after it covers what was done to it.
        fc.pre(victim === writes.at(-1))
        const found = anomaliesOf(writes, sights, { ...LIMITS, staleMs: 300, end })
        expect(found.filter((each) => each.write === victim?.id).map((each) => each.kind)).toContain(kind)
      }),
      { numRuns: 100 },
    )
  })

  test('a million of them are checked within 5 s', () => {
    const writes = Array.from({ length: 250_000 }, (_, i): Write => {
      const value = i % 7 === 6 ? null : `w${i}`
      return write(`w${i}`, 10 * i, { key: `key-${i % 1000}`, value, endedAt: 10 * i + 5 })
    })
    const sights = ['g1', 'g2', 'g3'].flatMap((node) =>
      writes.map(({ key, value, sentAt }): Sight => ({ node, key, value, from: sentAt + 20, to: sentAt + 10_000 })),
    )
    const from = process.cpuUsage()
    expect(anomaliesOf(writes, sights, { ...LIMITS, staleMs: 300, end: 2_510_000 })).toEqual([])
    const { user, system } = process.cpuUsage(from)
    expect(writes.length + sights.length).toBe(1_000_000)
    expect((user + system) / 1e6).toBeLessThan(5)
  })
})
