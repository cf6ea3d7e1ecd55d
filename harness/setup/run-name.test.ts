import { expect, test } from 'vitest'
import { nameOfDrill, nameOfUp, PLAYED_BY_HAND, PROJECT_LABEL, RUN_LABEL, runOf } from './run-name.ts'

test.each([nameOfDrill(), nameOfUp(), PLAYED_BY_HAND])('a project called %s is a run of ours', (run) => {
  expect(runOf({ [PROJECT_LABEL]: run })).toBe(run)
})

test.each(['shop', 'fd', 'fd-1', 'fd-gateway', 'my-fd-20261128-221500-a1b2c3', 'fd-20261128-221500-a1b2c3-old'])(
  'a project called %s is somebody’s own, and a run where our label says so',
  (project) => {
    expect(runOf({ [PROJECT_LABEL]: project })).toBeUndefined()
    expect(runOf({ [PROJECT_LABEL]: project, [RUN_LABEL]: project })).toBe(project)
  },
)

test('our label goes before the project', () => {
  expect(runOf({ [PROJECT_LABEL]: nameOfUp(), [RUN_LABEL]: 'by-hand' })).toBe('by-hand')
})

test('what has no labels is nobody’s', () => {
  expect([runOf({}), runOf(null), runOf(undefined)]).toEqual([undefined, undefined, undefined])
})
