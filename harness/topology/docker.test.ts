import { expect, test } from 'vitest'
import { isGone } from './docker.ts'

const refusal = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode })

test.each([
  [404, 'No such container: d36a24d672ac'],
  [409, 'removal of container d36a24d672ac is already in progress'],
  // Docker 20.10, of a program that is started in a container while that is removed.
  [500, 'container not running - Container d36a24d672ac is not running: Removal In Progress '],
])('an engine that answers %i, %s, says that it is gone', (statusCode, message) => {
  expect(isGone(refusal(statusCode, message))).toBe(true)
})

test.each([
  [500, 'server error - the disk is full'],
  [304, 'container already stopped'],
])('an engine that answers %i, %s, does not say so', (statusCode, message) => {
  expect(isGone(refusal(statusCode, message))).toBe(false)
})
