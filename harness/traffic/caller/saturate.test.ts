import { expect, test } from 'vitest'
import type { Carried } from './protocol.ts'
import { inRounds, type Turn } from './saturate.ts'

const carrying = (callsPerSecond: number): readonly Carried[] => [{ url: 'http://one', callsPerSecond, failed: 0 }]

/** A group whose turns carry these, one after another, and the last of them for ever. */
const group = (...rates: readonly number[]): { readonly turn: Turn; readonly turns: () => number } => {
  let turns = 0
  return {
    turn: async () => {
      const rate = rates[Math.min(turns, rates.length - 1)] ?? 0
      turns += 1
      return carrying(rate)
    },
    turns: () => turns,
  }
}

const measured = async (...groups: readonly { readonly turn: Turn }[]): Promise<readonly (number | undefined)[]> =>
  (await inRounds(groups.map(({ turn }) => turn))).groups.map((servers) => servers[0]?.callsPerSecond)

test('a group that was flat while servers were cold is measured again for as long as another one grows', async () => {
  const first = group(400, 410, 800)
  const later = group(200, 300, 400)
  expect(await measured(first, later)).toEqual([800, 400])
  // And twice more, to see that nothing grows any longer.
  expect([first.turns(), later.turns()]).toEqual([5, 5])
})

test('three turns do for servers that are warm, and their mean is what counts: one lucky turn is nothing to rely on', async () => {
  const warm = group(400, 390, 440)
  expect(await measured(warm)).toEqual([410])
  expect(warm.turns()).toBe(3)
})

test('what carries nothing has carried nothing; what grows for ever is left after eight rounds', async () => {
  const growing = group(...Array.from({ length: 20 }, (_, i) => 2 ** i))
  expect(await measured(group(0), growing)).toEqual([0, (2 ** 5 + 2 ** 6 + 2 ** 7) / 3])
  expect(growing.turns()).toBe(8)
})
