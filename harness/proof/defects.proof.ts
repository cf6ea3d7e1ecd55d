// Planted defects: each makes the right scenario fail, and the verdict names what is to blame.
import { afterEach, expect, test } from 'vitest'
import { drillPlanted, PLANTED, whyNotFound } from './planted.ts'
import { leftBehind } from './run-drill.ts'
import { isWhole } from './sample.ts'

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test.each(isWhole ? PLANTED : PLANTED.filter(({ inTest }) => inTest))(
  '$what fails $scenario by $objective and is named',
  async (planted) => {
    expect(whyNotFound(planted, await drillPlanted(planted))).toEqual([])
  },
)
