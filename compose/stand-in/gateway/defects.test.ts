import { expect, test } from 'vitest'
import { emptyConfiguration } from './configuration.ts'
import { readingAnew, watchingFrom } from './defects.ts'
import type { DpManager } from './dp-manager.ts'
import type { Log } from './log.ts'

test('planted defect newest: only a watch that comes after another one goes on from what is newest by then', async () => {
  const asked: number[] = []
  const frame = { kind: 'events', events: [] }
  const dpManager = {
    range: async () => ({ revision: 40, items: [] }),
    async *watch(_: string, { startRevision }: { readonly startRevision: number }) {
      asked.push(startRevision)
      if (startRevision === 11) return
      yield frame
    },
  } as unknown as DpManager
  const defect = { resumesAtNewest: true } as Parameters<typeof watchingFrom>[0]
  const { watch } = watchingFrom(defect, dpManager)
  for (const startRevision of [11, 12, 13]) {
    const { signal } = new AbortController()
    for await (const each of watch('any', { startRevision, signal })) expect(each).toBe(frame)
  }
  // The first never opened.
  expect(asked).toEqual([11, 12, 41])
})

test('planted defect read-anew: only the first watch after an outage forgets what is there, and opens none', async () => {
  let isAway = false
  const frame = { kind: 'created', revision: 40 } as const
  const upright = {
    range: async () => {
      if (isAway) throw new Error('nobody answers')
      return { revision: 40, items: [], unreadable: [] }
    },
    async *watch() {
      yield frame
    },
  } as unknown as DpManager
  const configuration = emptyConfiguration('/apisix')
  const log = { error: () => {} } as unknown as Log
  const of = (readsAnewOnReturn: boolean) =>
    readingAnew({ readsAnewOnReturn } as Parameters<typeof readingAnew>[0], { dpManager: upright, configuration, log })
  const framesOf = async ({ watch }: DpManager) => {
    const { signal } = new AbortController()
    const frames: unknown[] = []
    for await (const each of watch('any', { startRevision: 41, signal })) frames.push(each)
    return frames
  }
  configuration.replace({ revision: 40, items: [], unreadable: [] })
  const sound = of(false)
  sound.onLoss()
  expect([await framesOf(sound.dpManager), configuration.revision()]).toEqual([[frame], 40])
  const defective = of(true)
  expect([await framesOf(defective.dpManager), configuration.revision()]).toEqual([[frame], 40])
  defective.onLoss()
  isAway = true
  await expect(framesOf(defective.dpManager)).rejects.toThrow('nobody answers')
  expect(configuration.revision()).toBe(40)
  isAway = false
  expect([await framesOf(defective.dpManager), configuration.revision()]).toEqual([[], undefined])
  expect(await framesOf(defective.dpManager)).toEqual([frame])
})
