import { expect, test } from 'vitest'
import { inMemory, other } from './in-memory.fixture.ts'
import { attestInside } from './resource.ts'

const seen = (said: string, confirms: boolean) => ({ source: 'test', said, confirms, at: 0 })

test('what a heal was to change, and is not seen changed, is left of the fault; what else is seen is not', async () => {
  const leftWhere = async (isLimitGone: boolean) => {
    const witness = async () => [seen('the limit', isLimitGone), seen('it waits', false)]
    return (await attestInside(inMemory().world, other, { act: Promise.resolve(), witness, isHeal: true })).left
  }
  expect([await leftWhere(false), await leftWhere(true)]).toEqual([['the limit'], undefined])
})

test('of a container that ended meanwhile nothing is left of it, though nobody can look: what it cost is for the judge', async () => {
  const { world, running } = inMemory()
  running.set('other', false)
  const witness = async () => [seen('sh does not run in it any more', false)]
  const { left, evidence } = await attestInside(world, other, { act: Promise.resolve(), witness, isHeal: true })
  expect([left, evidence]).toEqual([undefined, [seen('sh does not run in it any more', false)]])
})

test('of a fault that is injected nothing is left', async () => {
  const witness = async () => [seen('the limit', false)]
  expect((await attestInside(inMemory().world, other, { act: Promise.resolve(), witness })).left).toBeUndefined()
})
