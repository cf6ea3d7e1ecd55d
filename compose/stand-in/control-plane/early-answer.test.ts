import { expect, test } from 'vitest'
import type { Body, Published } from './dashboard/published-object.ts'
import { acknowledgingEarly } from './early-answer.ts'
import type { Operator, PublishedObjects, Target } from './store.ts'

const target = { group: { id: 'default' }, kind: 'routes', id: 'orders' } as Target
const operator: Operator = { username: 'admin', ip: '10.0.0.1', node: 'control-plane-1' }
const bodyOf = (desc: string): Body => ({ name: 'orders', desc })

/** Objects in memory, which can be away. */
const objects = () => {
  const kept = new Map<string, Published>()
  const commits: string[] = []
  const state = { isAway: false, refused: 0 }
  const ask = (): void => {
    if (!state.isAway) return
    state.refused += 1
    throw new Error('the database is away')
  }
  const put: PublishedObjects['put'] = async ({ id }, body) => {
    ask()
    const published = { gateway_group_id: 'default', id, body, created_at: 1, updated_at: 1 }
    kept.set(id, published)
    commits.push(body.desc)
    return published
  }
  const published: PublishedObjects = {
    put,
    read: async ({ id }) => {
      ask()
      return kept.get(id)
    },
    change: async (of, next, by) => put(of, next(kept.get(of.id)?.body ?? bodyOf('')), by),
    remove: async ({ id }) => {
      ask()
      if (!kept.delete(id)) throw new Error('not there')
    },
    list: async () => ({ list: [], total: 0 }),
  }
  return { published, state, commits, desc: () => kept.get('orders')?.body.desc }
}

/** Long enough for what is asked at once to come before it. */
const EARLY_MS = 100

test('without the defect it is the store itself', () => {
  const { published } = objects()
  expect(acknowledgingEarly(published, 0)).toBe(published)
})

test('a write is answered first and committed later, one after another', async () => {
  const { published, desc, commits } = objects()
  const early = acknowledgingEarly(published, EARLY_MS)
  await expect(early.put(target, bodyOf('a'), operator)).resolves.toMatchObject({ body: { desc: 'a' } })
  await early.put(target, bodyOf('b'), operator)
  expect(desc()).toBeUndefined()
  await expect.poll(desc).toBe('b')
  expect(commits).toEqual(['a', 'b'])
})

test('what was acknowledged is gone where the database is away by then, and later writes are kept', async () => {
  const { published, state, desc, commits } = objects()
  const early = acknowledgingEarly(published, EARLY_MS)
  await early.put(target, bodyOf('a'), operator)
  state.isAway = true
  await expect(early.put(target, bodyOf('b'), operator)).rejects.toThrow('away')
  // The put that was refused, and the commit of the one before.
  await expect.poll(() => state.refused).toBe(2)
  state.isAway = false
  await early.put(target, bodyOf('c'), operator)
  await expect.poll(desc).toBe('c')
  expect(commits).toEqual(['c'])
})

test('a change and a removal are as early, and what is not there is refused at once', async () => {
  const { published, desc } = objects()
  const early = acknowledgingEarly(published, EARLY_MS)
  await expect(early.remove(target, operator)).rejects.toThrow('not there')
  await published.put(target, bodyOf('a'), operator)
  await expect(early.change(target, (body) => ({ ...body, desc: 'b' }), operator)).resolves.toMatchObject({
    body: { desc: 'b' },
  })
  expect(desc()).toBe('a')
  await expect.poll(desc).toBe('b')
  await early.remove(target, operator)
  expect(desc()).toBe('b')
  await expect.poll(desc).toBeUndefined()
})
