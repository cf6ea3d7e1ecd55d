import { expect, test } from 'vitest'
import type { Network, Rule } from '../network/network.ts'
import { needsOf, slowDown } from './means.ts'

/** A kernel that says this of each rule; it keeps what it was asked for. */
const kernel = (says: Partial<Record<Rule['name'], string>>) => {
  const asked: string[] = []
  const network = {
    impose: async (container: string, { name, parameters }: Rule) => {
      asked.push(`${name} ${JSON.stringify(parameters)} on ${container}`)
      if (says[name]) throw new Error(`${name} was refused: ${says[name]}`)
    },
    lift: async (container: string) => {
      asked.push(`lift ${container}`)
      return { outcome: 'uncounted', because: 'nothing was laid' } as const
    },
  } as unknown as Network
  return { network, asked }
}

const NONE = 'Error: Specified qdisc kind is unknown.'
const times = { delay: 50, jitter: 10 }
const words = '{"delay":50,"jitter":10}'

test('a kernel with netem slows by netem, and nothing else is tried', async () => {
  const { network, asked } = kernel({})
  await slowDown(network, 'a', times)
  expect(asked).toEqual([`slow-netem ${words} on a`])
})

test('a kernel without it slows by the link once its first helper has left, and is not asked again', async () => {
  const { network, asked } = kernel({ 'slow-netem': NONE })
  await slowDown(network, 'a', times)
  await slowDown(network, 'b', times)
  expect(asked).toEqual([`slow-netem ${words} on a`, 'lift a', `slow-link ${words} on a`, `slow-link ${words} on b`])
})

test('any other refusal of netem is a fault that does not land', async () => {
  const { network, asked } = kernel({ 'slow-netem': 'File exists' })
  await expect(slowDown(network, 'a', times)).rejects.toThrow('File exists')
  expect(asked).toHaveLength(1)
})

test('a kernel with neither is refused with what to load', async () => {
  const { network } = kernel({ 'slow-netem': NONE, 'slow-link': 'no such device' })
  await expect(slowDown(network, 'a', times)).rejects.toThrow(
    /no such device.*`modprobe sch_netem`, or `modprobe tun`.*ERR_NO_SLOW/,
  )
})

test('the link alone is given a device, and packet rules nothing at all', () => {
  expect(needsOf({ name: 'slow-link' }).HostConfig?.Devices).toHaveLength(1)
  expect(needsOf({ name: 'slow-netem' })).toEqual({ Entrypoint: ['firedrill-link'] })
  expect(needsOf({ name: 'isolate' })).toEqual({})
})
