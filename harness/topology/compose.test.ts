import { expect, test } from 'vitest'
import { filesOf, portsOf } from './compose.ts'

test('the ports that a deployment publishes are told with the variables that move them', async () => {
  const ports = await portsOf(await filesOf({ stack: 'etcd' }), { FIREDRILL_PORT_GATEWAY: '19080' })
  expect(ports).toMatchObject({ FIREDRILL_PORT_GATEWAY: 19080, FIREDRILL_PORT_DASHBOARD: 9000 })
})

test.each(['abc', '70000', '80.5', '-1'])(
  'a port that is none, %s, is told with the variable that names it',
  async (text) => {
    const files = await filesOf({ stack: 'high-availability' })
    await expect(portsOf(files, { FIREDRILL_PORT_GATEWAY: text })).rejects.toMatchObject({
      name: 'ScenarioError',
      code: 'ERR_OPTION',
      message: expect.stringContaining(`FIREDRILL_PORT_GATEWAY is '${text}': expected a port`),
    })
  },
)
