// A fault that did not happen is called out, and one that did is not: a short run of prove:attestation.
import { expect, onTestFinished, test } from 'vitest'
import { KINDS_AT_HAND } from '../fault/kinds-at-hand.fixture.ts'
import { startSmallDeployment } from '../fault/kit.fixture.ts'
import { carriedOut, countsOf, drawn, isWrong, sayWrong } from './attestation.ts'

const TIMES = 36

test(`of ${TIMES} injections the 12 that are sabotaged are called out, and none of the others`, async () => {
  const deployment = await startSmallDeployment({ pairs: 4, subnet: '10.213.85' })
  onTestFinished(() => deployment.end())
  const told = await carriedOut(deployment, drawn(KINDS_AT_HAND, { times: TIMES, seed: 4 }))
  expect(told.filter(isWrong).map(sayWrong)).toEqual([])
  expect(countsOf(told)).toEqual({ honest: 24, falseAlarms: 0, sabotaged: 12, missed: 0 })
})
