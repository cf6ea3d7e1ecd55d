import { expect, test } from 'vitest'
import { watchingFrom } from './defects.ts'
import type { DpManager } from './dp-manager.ts'

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
