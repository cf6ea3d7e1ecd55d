import { expect, test as it, vi } from 'vitest'
import { test } from './test.ts'

// Were it not refused, the machine would be made ready.
vi.mock('../setup/prepare.ts', () => ({ prepare: () => Promise.reject(new Error('It went on.')) }))

it('leaving the drills out and playing all of them is refused before anything is made ready', async () => {
  await expect(test(['--quick', '--all'])).rejects.toMatchObject({ code: 'ERR_FLAG' })
  await expect(test(['--all'])).rejects.toThrow('It went on.')
})
