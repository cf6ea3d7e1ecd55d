import { expect, test } from 'vitest'
import { SUITES } from './command/suites.ts'
import { optionsFrom } from './options.ts'

test.each([
  ['LB_MODE', 'htp', 'expected http or tcp.'],
  ['LB_ADDRESSES', 'name', 'expected names or fixed.'],
  ['GATEWAY_TIMINGS', 'labs', 'expected vendor or lab.'],
  ['READY_SEES_DATABASE', 'no', 'expected 0 or 1.'],
  ['COMPOSE_PROFILES', 's3,gcs', 'expected s3, azure, or both with a comma between.'],
  ['LB_INTER', 'soon', 'expected a whole number with one of us, ms, s, m, h, d'],
  ['LB_HARD_STOP_AFTER', '1.5s', 'expected a whole number with one of us, ms, s, m, h, d'],
  ['LB_CHECK', 'status', 'expected a path, such as /status/ready.'],
  ['GATEWAY_CPUS', '15%', 'expected a number of processors, such as 0.15, or 0 for all of them.'],
  ['PATRONI_TTL', '8s', 'expected a whole number from 1 on.'],
  ['FALLBACK_CP_INTERVAL', '0', 'expected a whole number from 1 on.'],
  ['LB_FALL', '0', 'expected a whole number from 1 on.'],
  ['CONTROL_PLANE_ZONES', 'b', 'expected a, a,b or a,b,c.'],
])('%s=%s is refused before anything is done, with what is allowed', (name, value, because) => {
  expect(() => optionsFrom({ [name]: value })).toThrow(
    expect.objectContaining({
      name: 'ScenarioError',
      message: expect.stringContaining(`${name} is '${value}': ${because}`),
    }),
  )
})

test('what is allowed is taken, a length without a unit among it, and what is empty is not set', () => {
  for (const settings of [
    { LB_MODE: 'tcp', LB_ADDRESSES: 'fixed', GATEWAY_TIMINGS: 'vendor', COMPOSE_PROFILES: 's3,azure', LB_FALL: '3' },
    {
      LB_INTER: '1500',
      LB_CHECK: '/status?of=all',
      GATEWAY_CPUS: '0',
      LB_FASTINTER: '300ms',
      LB_HARD_STOP_AFTER: '5m',
      CONTROL_PLANE_ZONES: 'a,b',
    },
    { LB_MODE: '', LB_ADDRESSES: '', GATEWAY_TIMINGS: '', COMPOSE_PROFILES: '', LB_INTER: '', LB_FALL: '' },
  ])
    expect(optionsFrom(settings)).toMatchObject({ stack: 'high-availability' })
})

test('no suite asks for a setting that is refused', () => {
  for (const { settings } of Object.values(SUITES).flat())
    expect(optionsFrom(settings)).toMatchObject({ stack: 'high-availability' })
})
