// What `clean` says of what it cleared and of what it left alone, and its exit code.
import { beforeEach, expect, test, vi } from 'vitest'
import { type Cleared, clearDead, leftAlone } from '../fault/clearing.ts'
import { thisProcess } from '../topology/holder.ts'
import { clean, sayLeftAlone } from './clean.ts'

vi.mock('../fault/clearing.ts', () => ({ clearDead: vi.fn(), leftAlone: vi.fn() }))
vi.mock('../setup/engine-ready.ts', () => ({ engineAnswers: async () => {} }))
const said = vi.spyOn(console, 'log').mockImplementation(() => {})

beforeEach(() => {
  said.mockClear()
  vi.mocked(clearDead).mockResolvedValue([])
  vi.mocked(leftAlone).mockResolvedValue([])
})

const owner = { ...thisProcess(), pid: 7, host: 'ci-7', user: 'alice', stays: false }

test('of a run that lives, whose process it is', () => {
  expect(sayLeftAlone({ run: 'fd-1', life: 'alive', owner })).toBe('run fd-1 of alice on ci-7: it lives (process 7)')
})

test('of one of which nobody can tell, how to remove it all the same', () => {
  expect(sayLeftAlone({ run: 'fd-1', life: 'unknown', owner })).toBe(
    'run fd-1 of alice on ci-7: whether it lives cannot be seen from here. `npm run clean -- fd-1` removes it all the same',
  )
  expect(sayLeftAlone({ run: 'fd-1', life: 'unknown', owner: { ...owner, stays: true } })).toBe(
    'run fd-1 of alice on ci-7: it may be meant to stay. `npm run clean -- fd-1` removes it all the same',
  )
  expect(sayLeftAlone({ run: 'fd-1', life: 'unknown', owner: null })).toBe(
    'run fd-1, which does not say whose it is: whether it lives cannot be seen from here. `npm run clean -- fd-1` removes it all the same',
  )
})

test('of one on another engine, which, and how to reach or to forget it', () => {
  expect(sayLeftAlone({ run: 'fd-1', life: 'elsewhere', owner: null, engine: '7f3c' })).toBe(
    'run fd-1: it is on another Docker engine (7f3c). Choose that one (DOCKER_HOST, or `docker context use`) to remove it; where that engine is no more, `npm run clean -- fd-1` forgets the run',
  )
})

const done: Cleared = { run: 'fd-1', isKept: false, faults: ['kill of data-plane-1'], failed: [] }
const remains = 'The network is in use. [ERR_ENGINE_STUCK]'

test.each<[Cleared, string, number]>([
  [done, 'It removed what fd-1 had left behind, and undid kill of data-plane-1.', 0],
  [
    { ...done, faults: [], afterRestart: true },
    'It removed what fd-1 had left behind, once the Docker engine was restarted, which held its network for in use.',
    0,
  ],
  [{ ...done, faults: [], remains }, `It could not remove all that is left of fd-1: ${remains}.`, 3],
  [{ ...done, isKept: true, faults: [], remains }, `It could not heal fd-1: ${remains}.`, 3],
  [
    { ...done, isKept: true, faults: [], elsewhere: '7f3c' },
    'It forgot fd-1, of which nothing was removed on the Docker engine 7f3c.',
    0,
  ],
])('%j is told as %j, exit code %i', async (cleared, sentence, exitCode) => {
  vi.mocked(clearDead).mockResolvedValue([cleared])
  expect([await clean([]), said.mock.calls.flat()]).toEqual([exitCode, [sentence]])
})

test('where something would not go, the next run is told too', async () => {
  vi.mocked(clearDead).mockResolvedValue([{ ...done, remains }, done])
  expect([await clean([]), said.mock.calls.flat().length]).toEqual([3, 2])
})

test('nothing is left behind where nothing was', async () => {
  expect([await clean([]), said.mock.calls.flat()]).toEqual([0, ['Nothing of ours is left behind.']])
})
