import { expect, test } from 'vitest'
import { balancerSettings } from './balancer-settings.ts'

test('the balancer of a bench checks as that of the deployments does, at the port of its own servers', async () => {
  expect(await balancerSettings('10.1.2', 8080)).toMatchObject({
    HAPROXY_CONFIG: '/etc/haproxy/callers-http.cfg',
    LB_SUBNET: '10.1.2',
    LB_GATEWAYS: '2',
    LB_CONNECT_TIMEOUT: '300ms',
    LB_SERVER: 'check port 8080 inter 1s fastinter 300ms downinter 500ms fall 2 rise 2',
  })
})
