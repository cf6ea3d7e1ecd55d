import { expect, test } from 'vitest'
import { isForgottenTask } from './forgotten-task.ts'

const refusal = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode })

test('a start that the engine refuses because a task is there already is told from other refusals', () => {
  const id = '945a200bd0bbdb4ea06106e9467980b37d3167e2b107fbd03d2796cba3244ac3'
  const refusals = [
    refusal(500, `(HTTP code 500) server error - task ${id}: already exists `),
    refusal(500, '(HTTP code 500) server error - driver failed programming external connectivity'),
    refusal(409, `task ${id}: already exists`),
    new Error(`task ${id}: already exists`),
  ]
  expect(refusals.map(isForgottenTask)).toEqual([true, false, false, false])
})
