import { describe, expect, test } from 'vitest'
import { masterIn } from './haproxy-master.ts'

const settings = (hasInit: boolean) => async () => ({
  hasInit,
  isRestarted: false,
  limits: { cores: {}, memory: {} },
  mounts: [],
})

const master = (list: readonly string[], { hasInit = false, exitCode = 0 } = {}) =>
  masterIn(
    { settings: settings(hasInit), execute: async () => ({ exitCode, output: `${list.join('\n')}\n` }) },
    'balancer',
  )

describe('a master', () => {
  test('is process 1 with workers of the same program, and the shell that looks is none of them', async () => {
    expect(await master(['1 0 haproxy', '8 1 haproxy', '40 1 haproxy', '52 0 sh', '60 52 haproxy'])).toEqual({
      pid: 1,
      workers: [8, 40],
    })
  })

  test('is the child of the engine’s init where there is one', async () => {
    const list = ['1 0 docker-init', '7 1 haproxy', '9 7 haproxy']
    expect(await master(list, { hasInit: true })).toEqual({ pid: 7, workers: [9] })
    expect(await master(list)).toBeNull()
  })

  test('is not under a script that would keep the signal to itself', async () => {
    expect(await master(['1 0 sh', '7 1 haproxy', '9 7 haproxy'])).toBeNull()
  })

  test.each([
    ['one process that does everything', ['1 0 haproxy']],
    ['another program that upgrades itself by that signal', ['1 0 nginx', '7 1 nginx']],
    ['a master whose worker has ended', ['1 0 haproxy', '']],
  ])('is not %s', async (_, list) => {
    expect(await master(list)).toBeNull()
  })

  test('is not seen where nothing inside can look', async () => {
    expect(await master(['1 0 haproxy', '8 1 haproxy'], { exitCode: 127 })).toBeNull()
  })
})
