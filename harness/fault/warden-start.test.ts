// A warden that this machine cannot start is told, before anything is there that it should watch over.
import { afterEach, expect, test } from 'vitest'
import { EnvironmentError } from '../time/errors.ts'
import { startWarden } from './warden.ts'

const { execPath } = process

afterEach(() => {
  process.execPath = execPath
})

test('a warden that cannot be started is the machine’s fault', async () => {
  process.execPath = '/nowhere/node'
  const error = await startWarden('fd-none').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EnvironmentError)
  expect(error).toMatchObject({ code: 'ERR_WARDEN', message: expect.stringContaining('ENOENT') })
})
